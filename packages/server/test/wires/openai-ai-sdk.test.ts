import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateImage, type ImageModel } from 'ai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { drawPlain } from '../draw-plain.ts';
import { startServer, type TestServer } from '../start-server.ts';

/** The AI SDK by Vercel with its providers for OpenAI and for all that is like it. */

let darkroom: TestServer;
beforeAll(async () => {
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  darkroom = await startServer({ DARKROOM_MODEL_ALIASES: 'gpt-image-1=gemini-3-pro-image' }, { illustrate: drawPlain });
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await darkroom.stop();
});

const settings = () => ({ baseURL: `${darkroom.url}/v1`, apiKey: darkroom.key });
const providers: readonly { readonly provider: string; readonly create: () => ImageModel }[] = [
  { provider: '@ai-sdk/openai', create: () => createOpenAI(settings()).image('gpt-image-1') },
  {
    provider: '@ai-sdk/openai-compatible',
    create: () => createOpenAICompatible({ name: 'darkroom', ...settings() }).imageModel('gemini-3-pro-image'),
  },
];
const readMetas = (images: readonly { readonly uint8Array: Uint8Array }[]) =>
  Promise.all(images.map(({ uint8Array }) => sharp(uint8Array).metadata()));

describe.for(providers)('generateImage with $provider', ({ create }) => {
  it('makes as many pictures as asked for, by one request', async () => {
    const prompt = 'two owls [[sandbox size=64x48]]';
    const { images, usage, warnings, responses } = await generateImage({
      model: create(),
      prompt,
      n: 3,
      size: '1536x1024',
    });
    expect(await readMetas(images)).toEqual(Array(3).fill(expect.objectContaining({ format: 'png', width: 64 })));
    expect([warnings, responses.length]).toEqual([[], 1]);
    expect(usage.totalTokens).toBeGreaterThan(3_000);
    const { payload } = await darkroom.client.status(String(responses[0]?.headers?.['x-request-id']));
    expect(payload).toMatchObject({ number_of_images: 3, aspect_ratio: '3:2' });
  });

  it('edits pictures', async () => {
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const prompt = { text: 'the same in red [[sandbox size=64x48]]', images: [bytes, bytes] };
    const { image, responses } = await generateImage({ model: create(), prompt });
    expect(await readMetas([image])).toMatchObject([{ format: 'png', width: 64 }]);
    const { payload } = await darkroom.client.status(String(responses[0]?.headers?.['x-request-id']));
    expect(payload).toMatchObject({
      image: [expect.stringContaining('/media/'), expect.any(String)],
      aspect_ratio: 'auto',
    });
  });

  it('throws what was refused, without repeating it', async () => {
    const made = generateImage({ model: create(), prompt: 'a kite [[sandbox block=PROHIBITED_CONTENT]]' });
    await expect(made).rejects.toMatchObject({ statusCode: 400, isRetryable: false });
  });
});

describe('generateImage with @ai-sdk/openai-compatible', () => {
  it('adds parameters of this service to the body', async () => {
    const model = createOpenAICompatible({ name: 'darkroom', ...settings() }).imageModel('gemini-3-pro-image');
    const { image } = await generateImage({
      model,
      prompt: 'a tower',
      providerOptions: { darkroom: { aspect_ratio: '21:9', output_format: 'jpeg', response_format: 'url' } },
    });
    expect(await readMetas([image])).toMatchObject([{ format: 'jpeg', width: 1584, height: 672 }]);
  });
});
