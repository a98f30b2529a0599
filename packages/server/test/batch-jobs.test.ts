import type { Submission } from '@darkroom/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** The batch tier, from the submit to the price, with a sandbox that a Darkroom takes for Google. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;

const model = 'gemini-3-pro-image';

beforeAll(async () => {
  upstream = await startUpstream();
  darkroom = await startServer({
    ...upstream.settings,
    DARKROOM_BATCH_REQUESTS: '3',
    DARKROOM_BATCH_WAIT_SECONDS: '1',
  });
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

async function submit(payload: Submission['payload'], changes: Partial<Submission> = {}): Promise<string> {
  const { request_id } = await darkroom.client.submit({ model, payload, serviceTier: 'batch', ...changes });
  return request_id;
}

describe('requests of the batch tier', () => {
  it('are made together for half the price', async () => {
    const before = upstream.calls();
    const ids = [await submit({ prompt: 'a fox' }), await submit({ prompt: 'a hen', number_of_images: 2 })];
    const records = await Promise.all(ids.map((id) => darkroom.client.wait(id)));
    expect(records.map(({ status, service_tier }) => [status, service_tier])).toEqual([
      ['success', 'batch'],
      ['success', 'batch'],
    ]);
    expect(upstream.calls() - before).toBe(3);
    const [one, two] = records;
    expect(one?.cost_usd).toBeCloseTo(0.067, 2);
    expect(two?.cost_usd).toBeCloseTo(2 * 0.067, 2);
    const logs = await Promise.all(ids.map((id) => darkroom.client.attempts(id)));
    const attempts = logs.flatMap((log) => log.attempts);
    expect(attempts.map(({ service_tier, result }) => [service_tier, result])).toEqual(
      Array.from({ length: 3 }, () => ['batch', 'succeeded']),
    );
  });

  it('carry references and conversations, wait visibly, and come by every API that has tiers', async () => {
    const first = await darkroom.client.wait(await submit({ prompt: 'a lighthouse' }));
    const [media] = Object(first.outcome).media_urls;
    const edited = await submit({ prompt: 'make it night', previous_request_id: first.request_id });
    const waiting = await darkroom.client.status(edited);
    expect(waiting.queue).toMatchObject({ waiting_for: 'turn', message: expect.stringContaining('batch job') });
    const model = 'gemini-3-pro-image';
    const authorization = `Bearer ${darkroom.key}`;
    const generating = fetch(`${darkroom.url}/v1/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ model, prompt: 'a heron', service_tier: 'batch' }),
    });
    const referring = await submit({ prompt: 'the same by day', image: [media.url] });
    const records = await Promise.all([edited, referring].map((id) => darkroom.client.wait(id)));
    expect(records.map(({ status, cost_usd }) => [status, Math.round(cost_usd * 1_000)])).toEqual([
      ['success', expect.toSatisfy(isHalf)],
      ['success', expect.toSatisfy(isHalf)],
    ]);
    expect((await generating).status).toBe(200);
    const { batch_jobs: jobs } = await darkroom.admin.batchJobs();
    expect(jobs.every(({ open, calls }) => open === 0 && calls > 0)).toBe(true);
    expect(jobs.at(-1)).toMatchObject({ state: 'succeeded', upstream_name: expect.stringMatching(/^batches\//) });
    const { attempts } = await darkroom.client.attempts(edited);
    expect(jobs.map(({ id }) => id)).toContain(attempts[0]?.batch_job);
  });

  it('have two days, unless they say otherwise', async () => {
    const id = await submit({ prompt: 'a fox' });
    const { created_at, deadline_at } = await darkroom.client.status(id);
    expect(deadline_at - created_at).toBeCloseTo(172_800, -1);
    await darkroom.client.cancel(id);
  });
});

/** Half of $0.134, with what the model says and thinks. */
function isHalf(thousandths: number): boolean {
  return thousandths >= 67 && thousandths <= 75;
}
