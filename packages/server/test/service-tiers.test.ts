import type { TierChoice } from '@darkroom/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** Service tiers, from the submit to the price, with a sandbox that a Darkroom takes for Google. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;

beforeAll(async () => {
  upstream = await startUpstream();
  darkroom = await startServer(upstream.settings);
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

/** One pixel. */
const tinyPng = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** With these, a picture of 1K needs 360 s in the standard tier, and 900 s more in the flex tier. */
const mayTakeSeconds = 360 + 900 + 360;

async function make(prompt: string, serviceTier?: TierChoice, deadlineSeconds = 3_600) {
  const { client } = darkroom;
  const wish = { deadlineSeconds, ...(serviceTier && { serviceTier }) };
  const { request_id } = await client.submit({ model: 'gemini-3-pro-image', payload: { prompt }, ...wish });
  const record = await client.wait(request_id);
  const { attempts } = await client.attempts(request_id);
  return { record, attempts, tiers: attempts.map(({ service_tier }) => service_tier) };
}

describe('a request', () => {
  it('costs half in the flex tier, and says which tier it asked for', async () => {
    const standard = await make('a quiet harbour');
    const flex = await make('a quiet harbour', 'flex');
    expect([standard.record.status, flex.record.status]).toEqual(['success', 'success']);
    expect([standard.tiers, flex.tiers]).toEqual([['standard'], ['flex']]);
    expect(flex.record.cost_usd).toBeCloseTo(standard.record.cost_usd / 2, 5);
    expect(flex.record.estimated_cost_usd).toBeCloseTo(standard.record.estimated_cost_usd / 2, 5);
    expect(flex.record.service_tier).toBe('flex');
    expect(standard.record).not.toHaveProperty('service_tier');
  });

  it('costs what the tier costs that was really used', async () => {
    const standard = await make('a loud harbour');
    const { record, tiers } = await make('a loud harbour [[sandbox tier=standard]]', 'priority');
    expect(tiers).toEqual(['standard']);
    expect(record.estimated_cost_usd).toBeGreaterThan(1.9 * standard.record.estimated_cost_usd);
    expect(record.cost_usd).toBeCloseTo(standard.record.cost_usd, 2);
  });

  it('is refused in a tier in which it cannot be made, and told why', async () => {
    const { client } = darkroom;
    const lite = { model: 'gemini-3.1-flash-lite-image', payload: { prompt: 'a fox' } };
    await expect(client.submit({ ...lite, serviceTier: 'flex' })).rejects.toMatchObject({
      message: expect.stringContaining(`service_tier must be one of the tiers of ${lite.model}`),
    });
    const picture = `data:image/png;base64,${tinyPng}`;
    const masked = { prompt: 'a fox', image: [picture], mask: picture };
    const submitting = client.submit({ model: 'gemini-3-pro-image', payload: masked, serviceTier: 'batch' });
    await expect(submitting).rejects.toMatchObject({
      message: expect.stringContaining('cannot be made in a batch job'),
    });
  });
});

describe('the cheapest tier', () => {
  it('is flex while the deadline is far, and standard when it is near', async () => {
    expect((await make('a cheap fox', 'cheapest')).tiers).toEqual(['flex']);
    expect((await make('a cheap and hasty fox', 'cheapest', mayTakeSeconds - 1)).tiers).toEqual(['standard']);
  });

  it('moves up as the deadline comes near, and reserves the price of the dearest tier', async () => {
    const prompt = 'a fox in time [[sandbox flex=refuse]]';
    const { record, attempts, tiers } = await make(prompt, 'cheapest', mayTakeSeconds + 2);
    expect(record).toMatchObject({ status: 'success', service_tier: 'cheapest' });
    expect(attempts[0]).toMatchObject({ result: 'failed', failure: { code: 'upstream_overloaded' } });
    expect(tiers.at(-1)).toBe('standard');
    expect(record.cost_usd).toBeCloseTo(record.estimated_cost_usd, 1);
  });
});

it('other APIs name the tier in their own words', async () => {
  const post = (path: string, body: object) =>
    fetch(`${darkroom.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${darkroom.key}` },
      body: JSON.stringify(body),
    });
  const model = 'gemini-3-pro-image';
  const contents = [{ role: 'user', parts: [{ text: 'a fox' }] }];
  const answers = await Promise.all([
    post('/v1/images/generations', { model, prompt: 'a fox', service_tier: 'flex' }),
    post('/v1/images/generations', { model, prompt: 'a fox', service_tier: 'auto' }),
    post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'a fox' }], service_tier: 'priority' }),
    post(`/v1beta/models/${model}:generateContent`, { contents, serviceTier: 'flex' }),
    post('/v1beta/interactions', { model, input: 'a fox', service_tier: 'cheapest' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  const { requests } = await darkroom.client.list({ limit: 5 });
  const asked = requests.map(({ wire, service_tier }) => `${wire} ${service_tier}`);
  expect(asked.toSorted()).toEqual([
    'chat priority',
    'gemini flex',
    'interactions cheapest',
    'openai flex',
    'openai undefined',
  ]);
});

it('a request of the flex tier waits when it is refused, and holds up none of the standard tier', async () => {
  const { client } = darkroom;
  const payload = { prompt: 'a patient fox [[sandbox flex=refuse]]' };
  const ids: string[] = [];
  for (let index = 0; index < 6; index += 1)
    ids.push((await client.submit({ model: 'gemini-3-pro-image', payload, serviceTier: 'flex' })).request_id);
  while ((await client.attempts(ids[0] ?? '')).attempts.length === 0) await new Promise((done) => setTimeout(done, 20));
  expect((await make('a hasty fox')).record.status).toBe('success');
  const waiting = await client.status(ids[0] ?? '');
  expect(waiting.status).toBe('queued');
  expect(waiting.queue?.waiting_for).toMatch(/retry|upstream/);
  for (const id of ids) await client.cancel(id);
});
