import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPlain } from '../draw-plain.ts';
import { ImpatientProxy } from '../impatient-proxy.ts';
import { startServer, type TestServer } from '../start-server.ts';

/** Blocking calls and streams of every wire, behind a proxy that cuts silent answers: the times are scaled down by some twenty. */

const silentMs = 2_000;
let darkroom: TestServer;
let proxy: ImpatientProxy;

beforeAll(async () => {
  const settings = { DARKROOM_KEEP_ALIVE_SECONDS: '1', DARKROOM_CONCURRENCY: '20' };
  darkroom = await startServer(settings, { illustrate: drawPlain });
  proxy = await ImpatientProxy.open(darkroom.url, silentMs);
});
afterAll(async () => {
  await proxy.close();
  await darkroom.stop();
});

const model = 'gemini-3-pro-image-preview';
const prompt = 'a slow tortoise [[sandbox delay=4s size=64x64]]';
const messages = [{ role: 'user', content: prompt }];
const contents = [{ role: 'user', parts: [{ text: prompt }] }];
const tools = [{ type: 'image_generation' }];

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const googleKey = (key: string) => ({ 'x-goog-api-key': key });
const falKey = (key: string) => ({ authorization: `Key ${key}` });
const mcp = (key: string) => ({ ...bearer(key), accept: 'application/json, text/event-stream' });

const calls: readonly (readonly [string, string, (key: string) => Record<string, string>, object])[] = [
  ['OpenAI images', '/v1/images/generations', bearer, { model, prompt }],
  ['OpenAI images, streamed', '/v1/images/generations', bearer, { model, prompt, stream: true }],
  ['chat completions', '/v1/chat/completions', bearer, { model, messages }],
  ['chat completions, streamed', '/v1/chat/completions', bearer, { model, messages, stream: true }],
  ['responses', '/v1/responses', bearer, { model, input: prompt, tools }],
  ['responses, streamed', '/v1/responses', bearer, { model, input: prompt, tools, stream: true }],
  ['Gemini', `/v1beta/models/${model}:generateContent`, googleKey, { contents }],
  ['Gemini, streamed', `/v1beta/models/${model}:streamGenerateContent?alt=sse`, googleKey, { contents }],
  ['interactions', '/v1beta/interactions', googleKey, { model, input: prompt }],
  ['interactions, streamed', '/v1beta/interactions', googleKey, { model, input: prompt, stream: true }],
  ['fal', '/fal/run/fal-ai/nano-banana-pro', falKey, { prompt, sync_mode: true }],
  [
    'Replicate',
    '/v1/models/google/nano-banana-pro/predictions',
    (key) => ({ ...bearer(key), prefer: 'wait' }),
    { input: { prompt } },
  ],
  [
    'MCP',
    '/mcp',
    mcp,
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'generate_image', arguments: { prompt } } },
  ],
];

describe('a proxy that cuts silent answers', () => {
  it.concurrent.each(calls)('does not cut %s', async (_name, path, headers, body) => {
    const response = await fetch(proxy.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers(darkroom.key) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.ok, text.slice(0, 500)).toBe(true);
    // A picture in base64, or the address of one.
    expect(text).toMatch(/[\w+/]{150}|\/media\/[\w-]{32}/);
  });

  it('has cut none of them, and each was one request', async () => {
    expect(proxy.cuts).toBe(0);
    const { requests, total } = await darkroom.client.list({ limit: 50 });
    expect(total).toBe(calls.length);
    expect([...new Set(requests.map(({ wire }) => wire))].sort()).toEqual([
      'chat',
      'fal',
      'gemini',
      'interactions',
      'mcp',
      'openai',
      'replicate',
      'responses',
    ]);
  });
});
