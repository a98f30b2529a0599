import { text } from 'node:stream/consumers';
import { type Darkroom, verifyWebhook } from '@darkroom/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingValues } from '../src/config/load-config.ts';
import { systemClock } from '../src/platform/clock.ts';
import { ScriptedServer } from './fakes/scripted-server.ts';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** An operator's hook on a real socket, a whole Darkroom, and a sandbox that costs money. */

interface Question {
  readonly type: 'request' | 'picture';
  readonly request_id: string;
  readonly picture?: { readonly mime_type: string; readonly data: string };
}

let hook: ScriptedServer;
let asked: Question[];
let headers: unknown[];
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let server: TestServer | undefined;
/** How far the clock of the service is ahead. */
let aheadMs: number;

const clock = {
  ...systemClock,
  now: () => systemClock.now() + aheadMs,
  monotonic: () => systemClock.monotonic() + aheadMs,
};

beforeEach(async () => {
  aheadMs = 0;
  asked = [];
  headers = [];
  hook = await ScriptedServer.start();
  upstream = await startUpstream();
});

afterEach(async () => {
  server?.server.handBack();
  await server?.stop();
  server = undefined;
  await upstream.stop();
  await hook.close();
});

/** Answers each question with what `judge` says: a verdict, or an HTTP status. */
function answer(judge: (question: Question) => object | number): void {
  hook.answer(async (response, request) => {
    const body = await text(request);
    headers.push({ ...request.headers, body });
    const question: Question = JSON.parse(body); // a question, as the hook documents it
    asked.push(question);
    const judged = judge(question);
    if (typeof judged === 'number') response.writeHead(judged).end('trouble');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(judged));
  });
}

async function start(settings: SettingValues = {}): Promise<TestServer> {
  const hooked = { DARKROOM_MODERATION_URL: `${hook.origin}/judge?of=pictures`, ...settings };
  server = await startServer({ ...upstream.settings, ...hooked }, { clock });
  return server;
}

const toSubmission = (prompt: string, number_of_images = 1) => ({
  payload: { prompt, image_output_format: 'jpeg', number_of_images } as const,
});

const make = (client: Darkroom, prompt: string) => client.generate(toSubmission(prompt).payload);

describe('a request that the moderation is asked about', () => {
  it('is made when it is allowed; the question holds what was asked for', async () => {
    answer(() => ({ verdict: 'allow' }));
    const { client, url } = await start();
    const first = await make(client, 'a fox');
    expect(first.status).toBe('success');
    expect(asked).toEqual([
      {
        type: 'request',
        request_id: first.request_id,
        organization: 'default',
        key_id: expect.any(String),
        model: 'gemini-3-pro-image-preview',
        wire: 'queue',
        prompts: ['a fox'],
        pictures: [],
        parameters: expect.objectContaining({ imageSize: expect.any(String) }),
      },
    ]);
    const [{ url: picture } = { url: '' }] = first.outcome?.media_urls ?? [];
    await client.generate({ prompt: 'again', image: picture, image_output_format: 'jpeg' });
    expect(asked.at(-1)).toMatchObject({ prompts: ['again'], pictures: [picture] });
    expect(picture.startsWith(url)).toBe(true);
  });

  it('fails for nothing when it is blocked, with the words of the moderation, and nothing is sent', async () => {
    answer(() => ({ verdict: 'block', reason: 'No foxes here.' }));
    const { client, url, key } = await start();
    const { request_id } = await client.submit(toSubmission('a fox', 2));
    const record = await client.wait(request_id);
    expect(record).toMatchObject({
      status: 'failed',
      outcome: { error: { code: 'moderation_blocked', message: 'No foxes here.', blame: 'caller' }, cost_usd: 0 },
    });
    expect(asked).toHaveLength(1);
    const reply = await fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gemini-3-pro-image-preview', prompt: 'a fox' }),
    });
    expect([reply.status, await reply.json()]).toMatchObject([
      400,
      { error: { code: 'moderation_blocked', message: 'No foxes here.', type: 'image_generation_user_error' } },
    ]);
    expect(upstream.calls()).toBe(0);
  });

  it('passes with a flag, which its record keeps over failed tries', async () => {
    answer(() => ({ verdict: 'flag', reason: 'A fox again.' }));
    const { client } = await start();
    const record = await make(client, 'a fox [[sandbox status=503 times=1]]');
    expect(record).toMatchObject({
      status: 'success',
      outcome: { moderation_flags: [{ about: 'request', reason: 'A fox again.' }] },
    });
    expect(asked).toHaveLength(1);
    const { attempts } = await client.attempts(record.request_id);
    expect(attempts[0]).toMatchObject({ failure: { moderation_flag: 'A fox again.' } });
  });

  it('waits while the moderation is down, and goes on when it answers', async () => {
    answer(() => (asked.length === 1 ? 500 : { verdict: 'allow' }));
    const { client } = await start();
    const { request_id } = await client.submit(toSubmission('a fox'));
    await hook.untilRequest();
    await expect
      .poll(async () => (await client.attempts(request_id)).attempts)
      .toMatchObject([{ failure: { code: 'moderation_unavailable', blame: 'operator' }, cost_usd: 0, sent_at: null }]);
    expect(await client.status(request_id)).toMatchObject({ status: 'queued' });
    aheadMs += 15_000;
    expect(await client.wait(request_id)).toMatchObject({ status: 'success' });
    expect(asked).toHaveLength(2);
  });

  it('goes on unasked when the moderation takes too long and fails open', async () => {
    hook.answer(() => {});
    const { client } = await start({ DARKROOM_MODERATION_FAILS: 'open', DARKROOM_MODERATION_SECONDS: '1' });
    expect(await make(client, 'a fox')).toMatchObject({ status: 'success' });
    expect(hook.requests).toHaveLength(1);
  });
});

describe('a picture that the moderation is asked about', () => {
  const settings = { DARKROOM_MODERATION_PICTURES: 'true' };

  it('is sent to it whole before it is stored, signed as webhooks are', async () => {
    answer(({ type }) => (type === 'picture' ? { verdict: 'flag', reason: 'Red.' } : { verdict: 'allow' }));
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const { client } = await start({ ...settings, DARKROOM_MODERATION_SECRET: secret });
    const record = await make(client, 'a fox');
    expect(record.outcome).toMatchObject({ moderation_flags: [{ about: 'picture', reason: 'Red.' }] });
    const [, question] = asked;
    expect(question).toMatchObject({ type: 'picture', request_id: record.request_id, image: 0, prompts: ['a fox'] });
    expect(question?.picture?.mime_type).toBe('image/jpeg');
    expect(Buffer.from(question?.picture?.data ?? '', 'base64').subarray(0, 3)).toEqual(Buffer.from([255, 216, 255]));
    for (const sent of headers) {
      const { body, ...received } = sent as Record<string, string>; // as `answer` has kept them
      await expect(verifyWebhook(body ?? '', received, secret)).resolves.toBeDefined();
    }
  });

  it('is not served when it is blocked, and costs what it costs', async () => {
    answer(({ type }) => (type === 'picture' ? { verdict: 'block' } : { verdict: 'allow' }));
    const { client } = await start(settings);
    const { request_id } = await client.submit(toSubmission('a fox'));
    const record = await client.wait(request_id);
    expect(record).toMatchObject({
      status: 'failed',
      outcome: { error: { code: 'moderation_blocked', blame: 'caller' }, cost_usd: expect.closeTo(0.134, 2) },
    });
    expect(record.outcome).not.toHaveProperty('media_urls');
    expect(upstream.calls()).toBe(1);
  });
});
