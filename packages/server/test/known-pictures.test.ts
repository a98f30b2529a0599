import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { SuccessOutcomeRecord } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picturePart, signature, toAnswerBody } from './fakes/recorded-answers.ts';
import { ScriptedUpstream } from './fakes/scripted-upstream.ts';
import { startServer, type TestServer } from './start-server.ts';

/** Clients that know no signatures send the model's pictures back as base64, in a conversation that they keep by themselves. */

let upstream: ScriptedUpstream;
let darkroom: TestServer;
let original: Buffer;

beforeAll(async () => {
  const paint = sharp({ create: { width: 64, height: 64, channels: 3, background: '#a32' } });
  original = await paint.jpeg().toBuffer();
  upstream = await ScriptedUpstream.start();
  const inlineData = { mimeType: 'image/jpeg', data: original.toString('base64') };
  upstream.answerJson(200, toAnswerBody([{ text: 'Here.' }, { ...picturePart, inlineData }]));
  darkroom = await startServer({ GEMINI_API_KEY: 'a-test-key', GEMINI_BASE_URL: upstream.url });
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.close();
});

async function make(payload: Record<string, unknown>) {
  const { request_id } = await darkroom.client.submit({ payload });
  const record = await darkroom.client.wait(request_id);
  expect(record.error).toBeUndefined();
  return record;
}

async function makeFirst(): Promise<Buffer> {
  const { outcome } = await make({ prompt: 'a red square', image_output_format: 'png' });
  const [media] = (outcome as SuccessOutcomeRecord).media_urls; // it has no error
  return Buffer.from(await (await fetch(media?.url ?? '')).arrayBuffer());
}

/** The parts of the turn that the last call had in this place. */
function toSentParts(turn: number) {
  const { contents } = JSON.parse(upstream.received.at(-1)?.body ?? '');
  return contents[turn].parts;
}

async function countStored(): Promise<number> {
  const names = await readdir(path.join(darkroom.dataDir, 'media'), { recursive: true });
  return names.filter((name) => /\.(png|jpg)$/.test(name)).length;
}

const toContents = (data: string, { role = 'model' } = {}) => [
  { role: 'user', parts: [{ text: 'a red square' }] },
  { role, parts: [{ inlineData: { mimeType: 'image/png', data } }] },
  { role: 'user', parts: [{ text: 'and now blue' }] },
];

describe('a picture that comes back as base64 in a turn of the model', () => {
  it('is recognized by its bytes: the model gets its original and its signature, and nothing is stored twice', async () => {
    const shown = await makeFirst();
    const stored = await countStored();
    const payload = { contents: toContents(shown.toString('base64')), image_output_format: 'png' };
    for (const time of [1, 2]) {
      const record = await make(payload);
      expect(JSON.stringify(record.payload)).toBe(JSON.stringify(payload));
      expect(toSentParts(1)).toEqual([
        {
          inlineData: { mimeType: 'image/jpeg', data: original.toString('base64') },
          thoughtSignature: signature,
        },
      ]);
      // Of each request, its result and the original of that.
      expect(await countStored()).toBe(stored + 2 * time);
    }
  });

  it('is an ordinary reference in a turn of the user, and when other bytes were made of it', async () => {
    const shown = await makeFirst();
    await make({ contents: toContents(shown.toString('base64'), { role: 'user' }) });
    expect(toSentParts(1)).toEqual([{ inlineData: { mimeType: 'image/png', data: shown.toString('base64') } }]);
    const other = await sharp(shown).negate().png().toBuffer();
    await make({ contents: toContents(other.toString('base64')) });
    const [part] = toSentParts(1);
    expect(part).toMatchObject({
      inlineData: { data: other.toString('base64') },
      thoughtSignature: expect.any(String),
    });
    expect(part.thoughtSignature).not.toBe(signature);
  });
});
