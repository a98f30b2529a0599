import type { SuccessOutcomeRecord } from '@darkroom/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** What a model looked up on Google comes back on every wire that has a place for it. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;

beforeAll(async () => {
  upstream = await startUpstream();
  const prices = { price_per_image: 0.4, price_per_search: 0.05, tiers: { flex: 0.25 } };
  darkroom = await startServer({ ...upstream.settings, DARKROOM_MODELS: [{ id: 'gemini-3-pro-image', ...prices }] });
});

afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

const model = 'gemini-nano-banana-2.1';
const query = 'the weather & the tides';

async function post(path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${darkroom.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${darkroom.key}`,
      'x-goog-api-key': darkroom.key,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return answer.json();
}

it('is in the outcome with its cost when a search was asked for, and not otherwise', async () => {
  const [searching, plain] = await Promise.all(
    [true, false].map(async (google_search) => {
      const { request_id } = await darkroom.client.submit({ model, payload: { prompt: query, google_search } });
      return (await darkroom.client.wait(request_id)).outcome as SuccessOutcomeRecord; // it has not failed
    }),
  );
  expect(searching?.grounding).toEqual({
    queries: [query],
    sources: [
      { url: `https://example.org/?q=${encodeURIComponent(query)}`, title: 'example.org' },
      { url: 'https://example.com/', title: 'example.com' },
    ],
    suggestions_html: expect.stringContaining('the weather &#38; the tides</a>'),
  });
  expect(plain).not.toHaveProperty('grounding');
  expect((searching?.cost_usd ?? 0) - (plain?.cost_usd ?? 0)).toBeCloseTo(0.014, 9);
});

it('costs what the entry of an operator says, in the tier that was used', async () => {
  const payload = { prompt: query, google_search: true };
  const { request_id } = await darkroom.client.submit({ model: 'gemini-3-pro-image', payload, serviceTier: 'flex' });
  const record = await darkroom.client.wait(request_id);
  expect(record).toMatchObject({ cost_usd: 0.15, estimated_cost_usd: 0.15 });
});

it('is the groundingMetadata of a candidate', async () => {
  const body = { contents: [{ parts: [{ text: query }] }], tools: [{ googleSearch: {} }] };
  expect(await post(`/v1beta/models/${model}:generateContent`, body)).toMatchObject({
    candidates: [
      {
        groundingMetadata: {
          webSearchQueries: [query],
          groundingChunks: [{ web: { title: 'example.org' } }, { web: { uri: 'https://example.com/' } }],
          searchEntryPoint: { renderedContent: expect.stringContaining('class="chip"') },
        },
      },
    ],
  });
});

it('is in the annotations of a message', async () => {
  const messages = [{ role: 'user', content: query }];
  const completion = await post('/v1/chat/completions', { model, messages, web_search_options: {} });
  const citation = { title: 'example.com', url: 'https://example.com/', start_index: 0 };
  expect(completion).toMatchObject({
    choices: [{ message: { annotations: [{}, { type: 'url_citation', url_citation: citation }] } }],
  });
});

it('is in the annotations of a response, for which an agent offers its tool', async () => {
  const tools = [{ type: 'web_search' }, { type: 'image_generation' }];
  const note = { type: 'url_citation', url: 'https://example.com/', title: 'example.com', start_index: 0 };
  const response = await post('/v1/responses', { model, input: query, tools });
  expect(response).toMatchObject({ output: [{}, { type: 'message', content: [{ annotations: [{}, note] }] }] });
});

it('is steps of an interaction, and notes to its text', async () => {
  const body = { model, input: query, tools: [{ type: 'google_search' }] };
  const note = { type: 'url_citation', url: 'https://example.com/', title: 'example.com' };
  expect(await post('/v1beta/interactions', body)).toMatchObject({
    steps: [
      { type: 'google_search_call', arguments: { queries: [query] } },
      { type: 'google_search_result', result: [{ search_suggestions: expect.stringContaining('chip') }] },
      { type: 'model_output', content: [{ type: 'text', annotations: [{}, note] }, { type: 'image' }] },
    ],
  });
});
