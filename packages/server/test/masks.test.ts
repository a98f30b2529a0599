import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
let pictures: Server;
/** What each path of the server of pictures has. */
let served: Map<string, Buffer>;
let picturesUrl: string;

beforeAll(async () => {
  upstream = await ScriptedUpstream.start();
  pictures = createServer((request, response) => response.end(served.get(request.url ?? '')));
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  picturesUrl = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`; // it listens on TCP
  darkroom = await startServer({
    GEMINI_API_KEY: 'a-test-key',
    GEMINI_BASE_URL: upstream.url,
    DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
  });
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.close();
  await new Promise((resolve) => pictures.close(resolve));
});

beforeEach(async () => {
  served = new Map();
  upstream.received.length = 0;
  const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#0f0' } })
    .jpeg()
    .toBuffer();
  const inlineData = { mimeType: 'image/jpeg', data: jpeg.toString('base64') };
  upstream.answerJson(200, toAnswerBody([{ inlineData, thoughtSignature: 'c2lnbmVk' }]));
});

interface Raw {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

function toPng(raw: Raw, valueAt: (index: number) => number): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: raw.width * raw.height * raw.channels }, (_, index) => valueAt(index)));
  return sharp(data, { raw }).png().toBuffer();
}

/** A black mask of this size, with the opacity of each pixel. */
function toMask({ width, height }: Omit<Raw, 'channels'>, opacityAt: (pixel: number) => number): Promise<Buffer> {
  return toPng({ width, height, channels: 4 }, (index) => (index % 4 === 3 ? opacityAt((index - 3) / 4) : 0));
}

const toDataUri = (bytes: Buffer) => `data:image/png;base64,${bytes.toString('base64')}`;

async function edit(payload: Record<string, unknown>): Promise<RequestRecord> {
  const { request_id } = await darkroom.client.submit({ payload: { prompt: 'a lake', ...payload } });
  return darkroom.client.wait(request_id);
}

async function read(record: RequestRecord): Promise<Buffer> {
  expect(record.error).toBeUndefined();
  const [media] = (record.outcome as SuccessOutcomeRecord).media_urls; // it has not failed
  return Buffer.from(await (await fetch(media?.url ?? '')).arrayBuffer());
}

/** The refusal of a submit. */
async function refusal(payload: Record<string, unknown>): Promise<string> {
  const error: unknown = await darkroom.client
    .submit({ payload: { prompt: 'a lake', ...payload } })
    .catch((one) => one);
  return error instanceof Error ? error.message : 'It was not refused.';
}

const byte = fc.integer({ min: 0, max: 255 });
const cases = fc
  .record({
    width: fc.integer({ min: 1, max: 24 }),
    height: fc.integer({ min: 1, max: 24 }),
    channels: fc.constantFrom<1 | 2 | 3 | 4>(1, 2, 3, 4),
  })
  .chain((raw) => {
    const pixels = raw.width * raw.height;
    const opacity = fc.array(fc.oneof(fc.constantFrom(0, 255), byte), { minLength: pixels, maxLength: pixels });
    return fc.record({
      raw: fc.constant(raw),
      values: fc.array(byte, { minLength: 1, maxLength: 200 }),
      // Somewhere it has to be open.
      opacity: opacity.map(([, ...rest]) => [0, ...rest]),
    });
  });

describe('a mask', () => {
  it('keeps every pixel of the original where it is opaque, whatever the picture and the mask', async () => {
    const check = async ({ raw, values, opacity }: typeof cases extends fc.Arbitrary<infer T> ? T : never) => {
      const original = await toPng(raw, (index) => values[index % values.length] ?? 0);
      const mask = await toMask(raw, (pixel) => opacity[pixel] ?? 255);
      const made = sharp(await read(await edit({ image: toDataUri(original), mask: toDataUri(mask) })));
      expect(await made.metadata()).toMatchObject({ width: raw.width, height: raw.height, format: 'png' });
      const before = await sharp(original).toColourspace('srgb').ensureAlpha().raw().toBuffer();
      const after = await made.toColourspace('srgb').ensureAlpha().raw().toBuffer();
      for (const [pixel, kept] of opacity.entries()) {
        const [was, is] = [before, after].map((all) => [...all.subarray(pixel * 4, pixel * 4 + 4)]);
        if (kept === 255) expect(is).toEqual(was);
        // What JPEG makes of green.
        if (kept === 0) for (const [at, value] of [0, 255, 0, 255].entries()) expect(is?.[at]).closeTo(value, 3);
      }
    };
    const many = fc.array(cases, { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(many, async (some) => {
        await Promise.all(some.map(check));
      }),
      { numRuns: 3 },
    );
  });

  it('has the model edit the picture in its own ratio, and says where; the next turn shows what the caller saw', async () => {
    const original = await toPng({ width: 64, height: 36, channels: 3 }, (index) => index % 251);
    const mask = await toMask({ width: 64, height: 36 }, (pixel) => (pixel % 64 < 32 ? 255 : 0));
    const style = await toPng({ width: 9, height: 16, channels: 3 }, () => 7);
    const record = await edit({ image: [original, style].map(toDataUri), mask: toDataUri(mask) });
    const made = await read(record);
    expect((await sharp(made).metadata()).xmpAsString).toContain('/compositeWithTrainedAlgorithmicMedia"');
    const [first] = upstream.received.map(({ body }) => JSON.parse(body));
    expect(first.contents).toEqual([
      {
        role: 'user',
        parts: [
          { text: 'a lake' },
          { inlineData: { mimeType: 'image/png', data: original.toString('base64') } },
          { inlineData: { mimeType: 'image/png', data: style.toString('base64') } },
          { text: expect.stringMatching(/box_2d \[0, 500, 1000, 1000\] of the first picture/) },
        ],
      },
    ]);
    expect(first.generationConfig.imageConfig).toEqual({ imageSize: '1K', aspectRatio: '16:9' });
    // The payload comes back as it was sent.
    expect(record.payload['mask']).toBe(toDataUri(mask));
    await edit({ previous_request_id: record.request_id, prompt: 'at night' });
    const { contents } = JSON.parse(upstream.received[1]?.body ?? '');
    expect(contents[0].parts).toHaveLength(3);
    expect(contents[1].parts).toEqual([
      {
        inlineData: { mimeType: 'image/png', data: made.toString('base64') },
        thoughtSignature: 'skip_thought_signature_validator',
      },
    ]);
  });

  it('belongs to the picture as it is seen: turned by its orientation, and fetched once', async () => {
    const turned = await sharp(await toPng({ width: 6, height: 4, channels: 3 }, (index) => index % 200))
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    served.set('/turned.png', turned);
    const mask = await toMask({ width: 4, height: 6 }, (pixel) => (pixel === 0 ? 0 : 255));
    let fetches = 0;
    pictures.on('request', () => {
      fetches += 1;
    });
    const made = await read(await edit({ image: `${picturesUrl}/turned.png`, mask: toDataUri(mask) }));
    const [seen, is] = await Promise.all([sharp(turned).autoOrient().raw().toBuffer(), sharp(made).raw().toBuffer()]);
    expect(is.subarray(3)).toEqual(seen.subarray(3));
    expect(fetches).toBe(1);
  });

  it('is refused when the submit shows that it cannot be used', async () => {
    const square = { width: 8, height: 8 } as const;
    const image = toDataUri(await toPng({ ...square, channels: 3 }, () => 9));
    const mask = toDataUri(await toMask(square, () => 0));
    expect(await refusal({ mask })).toMatch(/payload\.mask needs a picture in image/);
    expect(await refusal({ mask, contents: [{ role: 'user', parts: [{ text: 'a lake' }] }] })).toMatch(
      /payload\.mask needs a picture in image/,
    );
    expect(await refusal({ mask, image, previous_request_id: 'any' })).toMatch(/payload\.mask cannot be combined with/);
    expect(await refusal({ mask, image, aspect_ratio: '1:1' })).toMatch(/payload\.aspect_ratio must be "auto" or left/);
    expect(await refusal({ mask, image, image_output_format: 'original' })).toMatch(
      /payload\.image_output_format cannot be "original" with mask/,
    );
    expect(await refusal({ mask: 'a mask', image })).toMatch(/payload\.mask must be an http/);
    expect(await refusal({ mask: image, image })).toMatch(/payload\.mask has no alpha channel/);
    const large = toDataUri(await toMask({ width: 9, height: 8 }, () => 0));
    expect(await refusal({ mask: large, image })).toMatch(
      /payload\.mask has 9 × 8 pixels, but the first picture has 8 × 8 pixels: both sizes must be the same/,
    );
    const jpeg = (
      await sharp({ create: { ...square, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer()
    ).toString('base64');
    expect(await refusal({ mask: `data:image/jpeg;base64,${jpeg}`, image })).toMatch(
      /payload\.mask is image\/jpeg: give a PNG/,
    );
  });

  it('fails the request before any call when the worker finds that it cannot be used', async () => {
    const square = { width: 8, height: 8 } as const;
    served.set('/image.png', await toPng({ ...square, channels: 3 }, () => 9));
    served.set('/mask.png', await toMask({ width: 4, height: 4 }, () => 0));
    const image = `${picturesUrl}/image.png`;
    const closed = await edit({ image, mask: toDataUri(await toMask(square, () => 255)) });
    expect(closed.error).toBe('The mask is opaque everywhere: make the area that may change transparent.');
    const small = await edit({ image, mask: `${picturesUrl}/mask.png` });
    expect(small.error).toMatch(/^The mask has 4 × 4 pixels, but the first picture has 8 × 8 pixels/);
    const absent = await edit({ image, mask: 'http://127.0.0.1:1/mask.png' });
    expect(absent.error).toMatch(/^The mask \(http:\/\/127\.0\.0\.1:1\/mask\.png\) could not be used/);
    expect(absent.outcome).toMatchObject({ error: { code: 'reference_unavailable', blame: 'caller' }, cost_usd: 0 });
    expect(upstream.received).toEqual([]);
  });
});
