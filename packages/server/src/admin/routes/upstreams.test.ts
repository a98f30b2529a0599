import { upstreamListSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { model, upstreamModel, useApp } from '../../../test/app-harness.ts';
import { claimOne, work } from '../../../test/request-moves.ts';

const app = useApp();

const reportOf = async (id = upstreamModel) =>
  upstreamListSchema
    .parse((await app.current.admin('GET', '/upstreams')).json())
    .upstreams.find((one) => one.model === id);

describe('the upstreams', () => {
  it('report for each model whether they are open, what is under way and what their limits are', async () => {
    await app.current.submit({ prompt: 'a' });
    await claimOne(app.current);
    expect(await reportOf()).toEqual({
      upstream: 'main',
      model: upstreamModel,
      is_open: true,
      is_probed: false,
      reason: null,
      message: null,
      until: null,
      under_way: 1,
      last_minute: 1,
      last_minute_images: 1,
      last_ten_minutes_usd: expect.closeTo(0.1344, 3),
      concurrency: 2,
      limits: { concurrency: 2 },
    });
    expect(await reportOf('gemini-nano-banana-2.1')).toMatchObject({ under_way: 0, is_open: true });
  });

  it.each([
    ['an upstream', '/upstreams/main', 'gemini-nano-banana-2.1'],
    ['a model', `/models/${model}`, upstreamModel],
  ])('can be paused and resumed by %s, with a hint to the workers', async (_name, path, paused) => {
    const reply = await app.current.admin('POST', `${path}/pause`);
    expect(reply.json().upstreams).toContainEqual(
      expect.objectContaining({ model: paused, is_open: false, reason: 'operator', message: expect.any(String) }),
    );
    await app.current.submit({ prompt: 'a' });
    await expect(claimOne(app.current)).rejects.toThrow('nothing to claim');
    let hints = 0;
    app.current.notifier.onQueued(() => {
      hints += 1;
    });
    const resumed = await app.current.admin('POST', `${path}/resume`);
    expect(resumed.json().upstreams).toContainEqual(expect.objectContaining({ model: paused, is_open: true }));
    expect(hints).toBeGreaterThan(0);
    await claimOne(app.current);
  });

  it('forget on resume what the upstream has asked for', async () => {
    await app.current.submit({ prompt: 'a' });
    const failure = {
      code: 'upstream_quota_exhausted',
      message: 'The quota of the day is used up.',
      retryAfterMs: 9e6,
    } as const;
    const retry = { kind: 'retry', availableAt: app.current.clock.now(), code: failure.code } as const;
    await work(app.current, { end: { failure }, verdict: retry });
    expect(await reportOf()).toMatchObject({
      is_open: false,
      reason: 'upstream',
      message: failure.message,
      until: Math.ceil((app.current.clock.now() + failure.retryAfterMs) / 1_000),
    });
    await app.current.admin('POST', '/upstreams/main/resume');
    expect(await reportOf()).toMatchObject({ is_open: true });
  });

  it('answer unknown names with the existing ones', async () => {
    const upstream = await app.current.admin('POST', '/upstreams/other/pause');
    expect([upstream.statusCode, upstream.json().error]).toEqual([
      404,
      expect.stringContaining('The upstreams are: main'),
    ]);
    const unknown = await app.current.admin('POST', '/models/other/pause');
    expect([unknown.statusCode, unknown.json()]).toMatchObject([
      404,
      { code: 'model_not_found', error: expect.stringContaining('gemini-nano-banana-2.1') },
    ]);
  });
});
