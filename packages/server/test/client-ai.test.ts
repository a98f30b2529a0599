import { RequestFailedError } from '@darkroom/client';
import { toImageModel } from '@darkroom/client/ai';
import { generateImage } from 'ai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';
import { startUpstream } from './start-upstream.ts';

/** The image model for the Vercel AI SDK, called by the SDK's `generateImage`. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;
beforeAll(async () => {
  upstream = await startUpstream(drawPlain);
  const url = upstream.settings.GEMINI_BASE_URL;
  darkroom = await startServer({
    DARKROOM_UPSTREAMS: [
      { name: 'gemini', api_key: 'key-of-google', base_url: url },
      { name: 'gpt', provider: 'openai', api_key: 'key-of-openai', base_url: `${url}/v1` },
    ],
  });
});
afterAll(async () => {
  await darkroom.stop();
  await upstream.stop();
});

const model = () => toImageModel(darkroom.client);

/** The AI SDK's warnings are checked, not printed. */
beforeAll(() => vi.stubGlobal('AI_SDK_LOG_WARNINGS', false));
afterAll(() => vi.unstubAllGlobals());

describe('generateImage', () => {
  it('makes as many pictures as asked for, in the right ratio, with their requests and costs', async () => {
    const { images, providerMetadata, usage, warnings, responses } = await generateImage({
      model: model(),
      prompt: 'two owls on a branch',
      n: 5,
      aspectRatio: '16:9',
    });
    const sizes = await Promise.all(images.map(({ uint8Array }) => sharp(uint8Array).metadata()));
    expect(sizes).toHaveLength(5);
    for (const size of sizes) expect(size).toMatchObject({ format: 'png', width: 1376, height: 768 });
    expect([warnings, responses.length]).toEqual([[], 2]);
    expect(usage.totalTokens).toBeGreaterThan(5 * 1_000);
    const told = toFacts(providerMetadata);
    const records = await Promise.all([...new Set(told.map((one) => String(one['requestId'])))].map(readRecord));
    expect(told).toHaveLength(5);
    expect(told[0]).toMatchObject({ width: 1376, height: 768, url: expect.stringContaining('/media/') });
    expect(sum(told.map((one) => Number(one['costUsd'])))).toBeCloseTo(sum(records.map(({ cost_usd }) => cost_usd)));
  });

  it('converts a size to its ratio and resolution', async () => {
    const { image, warnings } = await generateImage({ model: model(), prompt: 'a tower', size: '1696x2528' });
    expect(await sharp(image.uint8Array).metadata()).toMatchObject({ width: 1696, height: 2528 });
    expect(warnings).toEqual([]);
  });

  it('makes the nearest possible size or ratio with a warning', async () => {
    const options = { model: model(), prompt: 'a tower', size: '1920x1080' } as const;
    const [first, second] = await Promise.all([
      generateImage({ ...options, providerOptions: { darkroom: { image_output_format: 'jpeg' } } }),
      generateImage({ model: model(), prompt: 'a tower', aspectRatio: '2:1' }),
    ]);
    expect(await sharp(first.image.uint8Array).metadata()).toMatchObject({ format: 'jpeg', width: 2752, height: 1536 });
    expect(first.warnings).toEqual([
      { type: 'unsupported', feature: 'size', details: '1920x1080 was made 2752x1536.' },
    ]);
    expect(second.warnings).toEqual([{ type: 'unsupported', feature: 'aspectRatio', details: '2:1 was made 16:9.' }]);
  });

  it('passes a seed to a model that takes one, and warns where none is taken', async () => {
    const [taken, refused] = await Promise.all([
      generateImage({ model: model(), prompt: 'a well', seed: 7 }),
      generateImage({ model: toImageModel(darkroom.client, 'gpt-image-1-mini'), prompt: 'a well', seed: 7 }),
    ]);
    const [told] = toFacts(taken.providerMetadata);
    expect((await readRecord(String(told?.['requestId']))).payload).toMatchObject({ seed: 7 });
    expect(taken.warnings).toEqual([]);
    const details = 'gpt-image-1-mini takes none.';
    expect(refused.warnings).toEqual([{ type: 'unsupported', feature: 'seed', details }]);
  });

  it('changes a picture where its mask is transparent, and keeps its size', async () => {
    const red = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const mask = await sharp({ create: { width: 96, height: 64, channels: 4, background: '#0000' } })
      .composite([{ input: { create: { width: 48, height: 64, channels: 4, background: '#000' } }, left: 0, top: 0 }])
      .png()
      .toBuffer();
    const prompt = { text: 'a gate', images: [red], mask };
    const { image, warnings } = await generateImage({ model: model(), prompt, aspectRatio: '16:9' });
    const { data, info } = await sharp(image.uint8Array).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 96, height: 64 });
    expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect([...data.subarray(-3)]).not.toEqual([255, 0, 0]);
    const details = 'With a mask, the picture keeps the size of the first one.';
    expect(warnings).toEqual([{ type: 'unsupported', feature: 'aspectRatio', details }]);
  });

  it('passes pictures to the model as references', async () => {
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const prompt = { text: 'the same in red', images: [bytes, bytes.toString('base64')] };
    const { providerMetadata } = await generateImage({ model: model(), prompt });
    const [told] = toFacts(providerMetadata);
    const { payload } = await readRecord(String(told?.['requestId']));
    expect(payload['image']).toEqual([expect.stringMatching(/\/media\/.*png$/), expect.stringMatching(/png$/)]);
  });

  it('throws the failure with its code, without repeating the request', async () => {
    const made = generateImage({ model: model(), prompt: 'a kite [[sandbox block=PROHIBITED_CONTENT]]' });
    const error: unknown = await made.catch((reason) => reason);
    expect(error).toBeInstanceOf(RequestFailedError);
    expect(error).toMatchObject({ code: 'prompt_blocked' });
  });

  it('cancels the request when it is aborted', async () => {
    const abort = new AbortController();
    const prompt = 'a slow snail [[sandbox delay=5s]]';
    const making = generateImage({ model: model(), prompt, abortSignal: abort.signal });
    for await (const { data } of darkroom.client.watch({ lastEventId: '0' })) {
      const { payload } = await readRecord(data.request_id);
      if (payload['prompt'] !== prompt) continue;
      abort.abort();
      await expect(making).rejects.toThrow();
      expect((await readRecord(data.request_id)).status).toBe('cancelled');
      break;
    }
  });
});

function toFacts(metadata: Awaited<ReturnType<typeof generateImage>>['providerMetadata']) {
  // The AI SDK types the providers' metadata as arbitrary JSON.
  return (metadata['darkroom']?.images ?? []) as readonly Readonly<Record<string, unknown>>[];
}

function readRecord(id: string) {
  return darkroom.client.status(id);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
