import type { PayloadInput, SuccessOutcomeRecord } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toAnswerBody } from './fakes/recorded-answers.ts';
import { ScriptedUpstream } from './fakes/scripted-upstream.ts';
import { startServer, type TestServer } from './start-server.ts';

/** What a payload can say beyond the contract, on its way from the submit to the upstream and back. */

let darkroom: TestServer;
let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#0f0' } })
    .jpeg()
    .toBuffer();
  upstream.answerJson(200, toAnswerBody([{ inlineData: { mimeType: 'image/jpeg', data: jpeg.toString('base64') } }]));
  darkroom = await startServer({ GEMINI_API_KEY: 'a-test-key', GEMINI_BASE_URL: upstream.url });
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.close();
});

const harassment = { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' } as const;

it('reaches the upstream and the stored picture, and its price the record', async () => {
  const payload = {
    prompt: 'a lake',
    aspect_ratio: 'auto',
    image_output_format: 'webp',
    image_output_compression: 60,
    number_of_images: 2,
    system_instruction: 'Paint in oil.',
    temperature: 0.5,
    top_p: 0.9,
    seed: 7,
    safety_settings: [harassment],
    thinking_level: 'medium',
    google_search: true,
  } satisfies PayloadInput;
  const { request_id } = await darkroom.client.submit({ model: 'gemini-nano-banana-2.1', payload });
  const record = await darkroom.client.wait(request_id);
  expect(record.error).toBeUndefined();
  const bodies = upstream.received.map(({ body }) => JSON.parse(body));
  expect(bodies).toEqual(
    expect.arrayContaining(
      [7, 8].map((seed) => ({
        contents: [{ role: 'user', parts: [{ text: 'a lake' }] }],
        systemInstruction: { parts: [{ text: 'Paint in oil.' }] },
        safetySettings: [harassment],
        tools: [{ googleSearch: {} }],
        generationConfig: {
          responseModalities: ['TEXT', 'IMAGE'],
          temperature: 0.5,
          topP: 0.9,
          seed,
          thinkingConfig: { thinkingLevel: 'MEDIUM' },
          imageConfig: { imageSize: '1K' },
        },
      })),
    ),
  );
  expect(bodies).toHaveLength(2);
  expect(record.payload).toEqual(payload);
  expect(record.media).toMatchObject(Array(2).fill({ content_type: 'image/webp', width: 40, height: 30 }));
  const { media_urls, cost_usd } = record.outcome as SuccessOutcomeRecord; // it has not failed
  const answer = await fetch(media_urls[0]?.url ?? '');
  expect(answer.headers.get('content-type')).toBe('image/webp');
  expect((await sharp(Buffer.from(await answer.arrayBuffer())).metadata()).format).toBe('webp');
  // Two searches.
  expect(cost_usd).toBeGreaterThan(0.028);
});

it('is refused by name when the model does not take it', async () => {
  const submit = darkroom.client.submit({ payload: { prompt: 'a lake', thinking_level: 'high' } });
  await expect(submit).rejects.toThrow(/payload\.thinking_level is not supported by this model: leave it out/);
});
