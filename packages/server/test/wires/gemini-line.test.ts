import { request as httpRequest } from 'node:http';
import { GoogleGenAI } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../start-server.ts';
import { startSignedUpstream } from './gemini-upstream.ts';

const model = 'gemini-3-pro-image';
let google: Awaited<ReturnType<typeof startSignedUpstream>>;
let server: TestServer;

beforeAll(async () => {
  google = await startSignedUpstream();
  server = await startServer({ ...google.settings, DARKROOM_KEEP_ALIVE_SECONDS: '1' });
});

afterAll(async () => {
  await server.stop();
  await google.stop();
});

afterEach(() => google.delay(0));

/** Calls as a client whose line is cut while it waits. */
async function cutCall(prompt: string): Promise<void> {
  const calls = google.answers.length;
  const options = { method: 'POST', headers: headers() };
  const call = httpRequest(`${server.url}/v1/models/${model}:generateContent`, options);
  const closed = new Promise<void>((resolve) => call.once('error', () => undefined).once('close', resolve));
  call.end(toBody(prompt));
  await expect.poll(() => google.answers.length).toBeGreaterThan(calls);
  call.destroy();
  await closed;
}

const headers = () => ({ 'content-type': 'application/json', 'x-goog-api-key': server.key });
const toBody = (prompt: string) => JSON.stringify({ contents: [{ role: 'user', parts: [{ text: prompt }] }] });

describe('a call that stays open until its picture is made', () => {
  it('joins its request when it is made again after its line was cut: one row, one call of the upstream', async () => {
    google.delay(1_500);
    const before = google.answers.length;
    await cutCall('a lighthouse that is cut off');
    const again = await fetch(`${server.url}/v1beta/models/${model}:generateContent`, {
      method: 'POST',
      headers: headers(),
      body: toBody('a lighthouse that is cut off'),
    });
    const answer = (await again.json()) as { responseId: string; candidates: unknown[] };
    expect(answer.candidates).toHaveLength(1);
    expect(google.answers.length - before).toBe(1);
    const { requests } = await server.client.list({ limit: 10 });
    expect(requests.filter(({ request_id }) => request_id === answer.responseId)).toHaveLength(1);
    expect(requests).toHaveLength(1);
  });

  it.each([false, true])('is kept alive when it takes long (stream: %s)', async (isStream) => {
    google.delay(1_300);
    const method = isStream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    const reply = await fetch(`${server.url}/v1beta/models/${model}:${method}`, {
      method: 'POST',
      headers: headers(),
      body: toBody(`a slow lighthouse ${isStream}`),
    });
    const pieces: string[] = [];
    for await (const piece of reply.body ?? []) pieces.push(Buffer.from(piece).toString());
    expect(pieces[0]?.trim()).toBe(isStream ? 'data:' : '');
    const text = pieces.join('');
    const answer = JSON.parse(isStream ? text.slice('data:'.length) : text);
    expect(answer.candidates[0].content.parts).toHaveLength(2);
  });

  it('says that the picture is still being made when the caller’s time is over, and gives it to the same call', async () => {
    google.delay(1_300);
    const call = (headers: Record<string, string>) =>
      fetch(`${server.url}/v1beta/models/${model}:generateContent?key=${server.key}`, {
        method: 'POST',
        headers,
        body: toBody('a hasty lighthouse'),
      });
    const before = google.answers.length;
    const early = await call({ 'x-server-timeout': '0.5' });
    expect(early.status).toBe(503);
    expect(await early.text()).toContain('repeat the same call');
    const late = await call({});
    expect(late.status).toBe(200);
    expect(google.answers.length - before).toBe(1);
  });

  it('is read by the SDK while it is kept alive', async () => {
    google.delay(1_300);
    const client = new GoogleGenAI({ apiKey: server.key, httpOptions: { baseUrl: server.url } });
    const chat = client.chats.create({ model });
    const stream = await chat.sendMessageStream({ message: 'a patient lighthouse' });
    let pictures = 0;
    for await (const chunk of stream)
      pictures += (chunk.candidates?.[0]?.content?.parts ?? []).filter(({ inlineData }) => inlineData).length;
    expect(pictures).toBe(1);
    expect(chat.getHistory(true)).toHaveLength(2);
  });
});
