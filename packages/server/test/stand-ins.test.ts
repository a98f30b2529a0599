import type { AttemptRecord, RequestRecord } from '@darkroom/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quotaMessage, toErrorBody, toQuotaFailure } from './fakes/recorded-answers.ts';
import { ScriptedUpstream } from './fakes/scripted-upstream.ts';
import { models } from './models.ts';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** A whole Darkroom whose Pro model has an account that answers as a test says, and a stand-in on another account. */

const pro = 'gemini-3-pro-image';
const quick = 'gemini-nano-banana-2.1';

let main: ScriptedUpstream;
let reserve: Awaited<ReturnType<typeof startUpstream>>;
let test: TestServer;

beforeEach(async () => {
  main = await ScriptedUpstream.start();
  reserve = await startUpstream();
});

afterEach(async () => {
  await test.stop();
  await main.close();
  await reserve.stop();
});

async function start(when: readonly string[], mainUrl = main.url): Promise<void> {
  const base_url = reserve.settings.GEMINI_BASE_URL;
  test = await startServer({
    DARKROOM_UPSTREAMS: [
      { name: 'main', api_key: 'key-of-main', base_url: mainUrl, models: [pro] },
      { name: 'reserve', api_key: 'key-of-reserve', base_url, models: [quick] },
    ],
    DARKROOM_MODELS: [{ id: pro, fallback: [{ model: quick, when }] }],
  });
}

interface Asked {
  readonly prompt?: string;
  readonly images?: number;
  readonly fallback?: boolean;
  readonly serviceTier?: 'flex';
}

const submit = ({ prompt = 'a lighthouse', images = 1, ...options }: Asked = {}) =>
  test.client.submit({ model: pro, payload: { prompt, image_size: '2K', number_of_images: images }, ...options });

const wait = (id: string) => test.client.wait(id, { signal: AbortSignal.timeout(20_000) });

/** What a call has cost by the prices of the model that answered it. */
function toCost({ usage, stand_in: standIn, service_tier: tier }: AttemptRecord): number {
  if (!usage) return 0;
  const { prompt_tokens, image_tokens, text_tokens, thought_tokens, total_tokens } = usage;
  const counted = {
    promptTokens: prompt_tokens,
    imageTokens: image_tokens,
    textTokens: text_tokens,
    thoughtTokens: thought_tokens,
    totalTokens: total_tokens,
  };
  const micros = models.find(standIn?.model ?? pro)?.cost(counted, { tier });
  return (micros ?? 0) / 1e6;
}

/** Its pictures were paid once, at the stand-in's prices, and the budget's ledger says the same. */
async function expectStoodIn(record: RequestRecord, reason: string, pictures = 1): Promise<void> {
  expect(record).toMatchObject({ status: 'success', model: pro, outcome: { stand_in: { model: quick, reason } } });
  const { attempts } = await test.client.attempts(record.request_id);
  const paid = attempts.filter(({ cost_usd }) => cost_usd > 0);
  expect(paid.map(({ upstream, stand_in }) => [upstream, stand_in?.model])).toEqual(
    Array.from({ length: pictures }, () => ['reserve', quick]),
  );
  expect(record.cost_usd).toBeCloseTo(
    attempts.reduce((sum, one) => sum + toCost(one), 0),
    9,
  );
}

describe('a model that is called instead of another', () => {
  it('finishes the requests of an account that answers 503, at its own prices, and none is paid twice', async () => {
    main.answerJson(503, toErrorBody(503, 'UNAVAILABLE', 'It has no capacity.'));
    await start(['overloaded', 'resting']);
    const submitted = await Promise.all([submit(), submit(), submit({ images: 2 })]);
    const [one, two, three] = await Promise.all(submitted.map(({ request_id }) => wait(request_id)));
    if (!one || !two || !three) throw new Error('A record is missing.');
    await expectStoodIn(one, 'overloaded');
    await expectStoodIn(two, 'overloaded');
    await expectStoodIn(three, 'overloaded', 2);
    expect(reserve.calls()).toBe(4);
    const { total } = await test.client.usage();
    expect(total.cost_usd).toBeCloseTo(one.cost_usd + two.cost_usd + three.cost_usd, 9);
  });

  it('finishes those of an account without quota; a request that forbids it waits', async () => {
    const details = [toQuotaFailure('GenerateRequestsPerDayPerProjectPerModel')];
    main.answerJson(429, toErrorBody(429, 'RESOURCE_EXHAUSTED', quotaMessage, details));
    await start(['resting']);
    const first = await wait((await submit()).request_id);
    await expectStoodIn(first, 'resting');
    const strict = await submit({ fallback: false });
    const second = await wait((await submit()).request_id);
    await expectStoodIn(second, 'resting');
    const waiting = await test.client.status(strict.request_id);
    expect(waiting).toMatchObject({ status: 'queued', fallback: false, queue: { waiting_for: 'upstream' } });
    expect([main.received.length, reserve.calls()]).toEqual([1, 2]);
  });

  it('is called in the flex tier for a request of that tier', async () => {
    const details = [toQuotaFailure('GenerateRequestsPerDayPerProjectPerModel')];
    main.answerJson(429, toErrorBody(429, 'RESOURCE_EXHAUSTED', quotaMessage, details));
    await start(['resting']);
    const record = await wait((await submit({ serviceTier: 'flex' })).request_id);
    await expectStoodIn(record, 'resting');
    const { attempts } = await test.client.attempts(record.request_id);
    expect(attempts.at(-1)).toMatchObject({ stand_in: { model: quick }, service_tier: 'flex' });
  });

  it('is not called for a request of the flex tier because flex calls were refused for load', async () => {
    main.answerJson(503, toErrorBody(503, 'UNAVAILABLE', 'It has no capacity.'));
    await start(['resting', 'overloaded', 'deadline']);
    const { request_id } = await submit({ serviceTier: 'flex' });
    await expect.poll(() => main.received.length).toBeGreaterThan(0);
    await expect.poll(async () => (await test.client.status(request_id)).status).toBe('queued');
    expect(reserve.calls()).toBe(0);
  });

  it('is counted in budgets if it costs more, while the estimate is that of the ordered model', async () => {
    const base_url = reserve.settings.GEMINI_BASE_URL;
    test = await startServer({
      DARKROOM_UPSTREAMS: [{ name: 'reserve', api_key: 'key-of-reserve', base_url }],
      DARKROOM_MODELS: [{ id: quick, fallback: [{ model: pro }] }],
    });
    const payload = { prompt: 'a lighthouse', image_size: '2K' } as const;
    await test.admin.setBudget({ scope: 'organization', id: 'default', period: 'day' }, 0.1);
    await expect(test.client.submit({ model: quick, payload })).rejects.toMatchObject({ code: 'budget_exceeded' });
    const { request_id } = await test.client.submit({ model: quick, payload, fallback: false });
    expect((await wait(request_id)).estimated_cost_usd).toBeCloseTo(0.0504, 3);
    await test.admin.setBudget({ scope: 'organization', id: 'default', period: 'day' }, 0.3);
    const allowed = await test.client.submit({ model: quick, payload });
    expect((await wait(allowed.request_id)).estimated_cost_usd).toBeCloseTo(0.0504, 3);
  });

  it('is not asked for what the own model has refused because of its content', async () => {
    await start(['overloaded', 'resting', 'deadline'], reserve.settings.GEMINI_BASE_URL);
    const blocked = await wait((await submit({ prompt: 'a cat [[sandbox block=PROHIBITED_CONTENT]]' })).request_id);
    expect(blocked).toMatchObject({ status: 'failed', outcome: { error: { code: 'prompt_blocked' } } });
    const { attempts } = await test.client.attempts(blocked.request_id);
    expect(attempts.map(({ upstream, stand_in }) => [upstream, stand_in])).toEqual([['main', undefined]]);
  });
});
