import { RequestFailedError } from '@darkroom/client';
import { toImageModel } from '@darkroom/client/ai';
import { generateImage } from 'ai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';

/** The image model for the Vercel AI SDK, called by the SDK's `generateImage`. */

let darkroom: TestServer;
beforeAll(async () => {
  darkroom = await startServer({}, { illustrate: drawPlain });
});
afterAll(() => darkroom.stop());

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

  it('makes the nearest possible size or ratio with a warning, and warns about a seed', async () => {
    const options = { model: model(), prompt: 'a tower', size: '1920x1080', seed: 7 } as const;
    const [first, second] = await Promise.all([
      generateImage({ ...options, providerOptions: { darkroom: { image_output_format: 'jpeg' } } }),
      generateImage({ model: model(), prompt: 'a tower', aspectRatio: '2:1' }),
    ]);
    expect(await sharp(first.image.uint8Array).metadata()).toMatchObject({ format: 'jpeg', width: 2752, height: 1536 });
    expect(first.warnings).toEqual([
      { type: 'unsupported', feature: 'size', details: '1920x1080 was made 2752x1536.' },
      { type: 'unsupported', feature: 'seed' },
    ]);
    expect(second.warnings).toEqual([{ type: 'unsupported', feature: 'aspectRatio', details: '2:1 was made 16:9.' }]);
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
