import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toAnswerBody } from './fakes/recorded-answers.ts';
import { ScriptedUpstream } from './fakes/scripted-upstream.ts';
import { startServer, type TestServer } from './start-server.ts';

/** Masks over HTTP. The upstream changes every pixel, whatever it is told. */

let darkroom: TestServer;
let upstream: ScriptedUpstream;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  darkroom = await startServer({ GEMINI_API_KEY: 'a-test-key', GEMINI_BASE_URL: upstream.url });
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.close();
});

const painted = { width: 40, height: 30 };

beforeEach(async () => {
  upstream.received.length = 0;
  const jpeg = await sharp({ create: { ...painted, channels: 3, background: '#0f0' } })
    .jpeg()
    .toBuffer();
  const inlineData = { mimeType: 'image/jpeg', data: jpeg.toString('base64') };
  upstream.answerJson(200, toAnswerBody([{ inlineData, thoughtSignature: 'c2lnbmVk' }]));
});

interface Raw {
  readonly data: Buffer;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 1 | 2 | 3 | 4 };
}

function toRaw({ width, height, channels }: Raw['raw'], valueAt: (index: number) => number): Raw {
  const data = Buffer.from(Array.from({ length: width * height * channels }, (_, index) => valueAt(index)));
  return { data, raw: { width, height, channels } };
}

const toDataUri = (bytes: Buffer, type = 'png') => `data:image/${type};base64,${bytes.toString('base64')}`;
const toPng = ({ data, raw }: Raw) => sharp(data, { raw }).png().toBuffer();

/** A mask of this size, black, whose opacity is that of each pixel. */
const toMask = (size: { readonly width: number; readonly height: number }, opacity: readonly number[]) =>
  toPng(toRaw({ ...size, channels: 4 }, (index) => (index % 4 === 3 ? (opacity[(index - 3) / 4] ?? 255) : 0)));

async function edit(payload: Record<string, unknown>): Promise<RequestRecord> {
  const { request_id } = await darkroom.client.submit({ payload: { prompt: 'a lake', ...payload } });
  return darkroom.client.wait(request_id);
}

async function read(record: RequestRecord): Promise<Buffer> {
  expect(record.error).toBeUndefined();
  const [media] = (record.outcome as SuccessOutcomeRecord).media_urls; // it has not failed
  return Buffer.from(await (await fetch(media?.url ?? '')).arrayBuffer());
}

const size = fc.record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }) });
const byte = fc.integer({ min: 0, max: 255 });

describe('a mask', () => {
  it('keeps every pixel of the original where it is opaque, whatever the picture and the mask', async () => {
    const cases = size.chain(({ width, height }) =>
      fc.record({
        raw: fc.constantFrom(1, 2, 3, 4).map((channels) => ({ width, height, channels: channels as 1 | 2 | 3 | 4 })), // it is one of them
        values: fc.array(byte, { minLength: 1, maxLength: 200 }),
        opacity: fc.array(fc.oneof(fc.constantFrom(0, 255), byte), {
          minLength: width * height,
          maxLength: width * height,
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ raw, values, opacity: given }) => {
        const opacity = given.every((one) => one === 255) ? [0, ...given.slice(1)] : given;
        const original = await toPng(toRaw(raw, (index) => values[index % values.length] ?? 0));
        const mask = await toMask(raw, opacity);
        const record = await edit({ image: toDataUri(original), mask: toDataUri(mask) });
        const made = sharp(await read(record));
        expect(await made.metadata()).toMatchObject({ width: raw.width, height: raw.height, format: 'png' });
        const before = await sharp(original).toColourspace('srgb').ensureAlpha().raw().toBuffer();
        const after = await made.toColourspace('srgb').ensureAlpha().raw().toBuffer();
        for (const [index, kept] of opacity.entries()) {
          const [was, is] = [before, after].map((pixels) => [...pixels.subarray(index * 4, index * 4 + 4)]);
          if (kept === 255) expect(is).toEqual(was);
          // What JPEG makes of green.
          if (kept === 0)
            expect(is?.every((value, at) => Math.abs(value - ([0, 255, 0, 255][at] ?? 0)) < 3)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });
});
