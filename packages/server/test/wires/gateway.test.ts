import { createGateway, type GenerateImageResult, generateImage, NoImageGeneratedError } from 'ai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createGatewayWire } from '../../src/wires/gateway/gateway-wire.ts';
import { useApp } from '../app-harness.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { startUpstream } from '../start-upstream.ts';
import { TroubledLine } from '../troubled-line.ts';

const model = 'google/gemini-3-pro-image';
const drawing = 'A kite [[sandbox size=64x64]]';

/** The SDK types them as the facts of pictures. */
function toGatewayFacts({ providerMetadata }: GenerateImageResult) {
  return z.object({ generationId: z.string(), cost: z.string() }).parse(providerMetadata['gateway']);
}

describe('the AI SDK with its gateway', () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let darkroom: TestServer;
  let line: TroubledLine;
  beforeAll(async () => {
    globalThis.AI_SDK_LOG_WARNINGS = false;
    upstream = await startUpstream();
    darkroom = await startServer({ DARKROOM_KEEP_ALIVE_SECONDS: '1', ...upstream.settings });
    line = await TroubledLine.open();
    line.target = darkroom.url;
  });
  afterAll(async () => {
    await line.close();
    await darkroom.stop();
    await upstream.stop();
  });

  const connect = ({ url = darkroom.url, apiKey = darkroom.key } = {}) =>
    createGateway({ baseURL: `${url}/v4/ai`, apiKey });

  it('makes several pictures in one call, and says what they cost and where they are', async () => {
    const made = await generateImage({
      model: connect().imageModel(model),
      prompt: drawing,
      n: 2,
      aspectRatio: '16:9',
    });
    expect(made.images).toHaveLength(2);
    for (const { uint8Array, mediaType } of made.images)
      expect(`image/${(await sharp(uint8Array).metadata()).format}`).toBe(mediaType);
    expect(made.warnings).toEqual([]);
    expect(made.usage.totalTokens).toBeGreaterThan(0);
    const { generationId, cost } = toGatewayFacts(made);
    const record = await darkroom.client.status(generationId);
    expect(record).toMatchObject({ payload: { prompt: drawing, number_of_images: 2, aspect_ratio: '16:9' } });
    expect(cost).toBe(String(record.cost_usd));
    const places = [{ url: expect.any(String), width: 64, height: 64 }, {}];
    expect(made.providerMetadata['darkroom']?.images).toMatchObject(places);
  });

  it('edits a picture that it sends along', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const prompt = { text: drawing, images: [png] };
    const made = await generateImage({ model: connect().imageModel(model), prompt });
    expect(made.image.uint8Array.length).toBeGreaterThan(0);
    const record = await darkroom.client.status(toGatewayFacts(made).generationId);
    expect(record).toMatchObject({ payload: { image: [expect.stringMatching(/^data:image\/png;base64,/)] } });
  });

  it('changes a picture only where its mask is transparent', async () => {
    const pixels = { width: 64, height: 64 };
    const picture = sharp({ create: { ...pixels, channels: 3, background: '#00f' } });
    const rgba = Buffer.alloc(64 * 64 * 4, 255);
    for (let at = 0; at < 64 * 64; at += 1) if (at % 64 < 32) rgba[at * 4 + 3] = 0;
    const mask = sharp(rgba, { raw: { ...pixels, channels: 4 } });
    const prompt = {
      text: drawing,
      images: [await picture.png().toBuffer()],
      mask: await mask.png().toBuffer(),
    };
    const { image } = await generateImage({ model: connect().imageModel(model), prompt });
    const { data, info } = await sharp(image.uint8Array).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3).subarray(0, 3)];
    expect(at(60, 32)).toEqual([0, 0, 255]);
    expect(at(4, 32)).not.toEqual([0, 0, 255]);
  });

  it('warns about what was read in another way', async () => {
    const { warnings } = await generateImage({
      model: connect().imageModel(model),
      prompt: drawing,
      size: '1000x250',
      providerOptions: { openai: { quality: 'high' } },
    });
    expect(warnings).toMatchObject([
      { type: 'compatibility', feature: 'size' },
      { type: 'unsupported', feature: 'providerOptions.openai' },
    ]);
  });

  it('gets errors of its classes, which it does not repeat', async () => {
    const before = upstream.calls();
    const blocked = generateImage({ model: connect().imageModel(model), prompt: '[[sandbox block=OTHER]]' });
    await expect(blocked).rejects.toMatchObject({ name: 'GatewayInvalidRequestError', statusCode: 400 });
    expect(upstream.calls()).toBe(before + 1);
    const unknown = generateImage({ model: connect().imageModel('openai/dall-e-9'), prompt: drawing });
    await expect(unknown).rejects.toMatchObject({
      name: 'GatewayModelNotFoundError',
      message: expect.stringContaining('Available models: gemini-3-pro-image-preview'),
    });
    const foreign = generateImage({ model: connect({ apiKey: 'wrong' }).imageModel(model), prompt: drawing });
    await expect(foreign).rejects.toMatchObject({ name: 'GatewayAuthenticationError', statusCode: 401 });
  });

  it('is kept alive while a picture takes longer than proxies wait, and told when there is none', async () => {
    const make = (prompt: string) => generateImage({ model: connect().imageModel(model), prompt });
    const [late, none] = await Promise.allSettled([
      make(`[[sandbox delay=1100ms]] ${drawing}`),
      make('[[sandbox delay=1100ms]] [[sandbox block=OTHER]]'),
    ]);
    expect(late).toMatchObject({ status: 'fulfilled' });
    expect(none).toMatchObject({ status: 'rejected', reason: expect.any(NoImageGeneratedError) });
  });

  it('whose line is cut makes the call again by itself: one request, one call of the upstream, one picture', async () => {
    const count = async () => (await darkroom.client.list({ limit: 1 })).total;
    const before = { calls: upstream.calls(), requests: await count() };
    const imageModel = connect({ url: line.url }).imageModel(model);
    const making = generateImage({ model: imageModel, prompt: `[[sandbox delay=900ms]] A lost kite` });
    while (upstream.calls() === before.calls) await new Promise((resolve) => setTimeout(resolve, 20));
    await fetch(`${line.url}/line/cut`);
    expect((await making).images).toHaveLength(1);
    expect({ calls: upstream.calls(), requests: await count() }).toEqual({
      calls: before.calls + 1,
      requests: before.requests + 1,
    });
  });

  it('lists the models', async () => {
    const { models } = await connect().getAvailableModels();
    expect(models.map(({ id }) => id)).toContain('gemini-3-pro-image');
    expect(models[0]).toMatchObject({ modelType: 'image', specification: { specificationVersion: 'v4' } });
  });
});

describe('a body', () => {
  const app = useApp({ wires: (ports) => [createGatewayWire(ports)] });
  const post = async (payload: object, { url = '/v3/ai/image-model', headers = {} } = {}) => {
    const options = { method: 'POST', url, payload, headers: { 'ai-model-id': model, ...headers } } as const;
    return app.current.call(options);
  };

  it.each([
    [{ prompt: 'A', n: 99 }, 'n must be at most'],
    [{ prompt: 'A', colour: 'red' }, 'The body has "colour", which is not supported here'],
    [{ prompt: 'A', size: 'large' }, 'size must be'],
    [{ prompt: 'A', aspectRatio: '7:1' }, 'aspect_ratio must be one of'],
    [{ prompt: 'A', files: [{ type: 'file' }] }, 'files[0].data must be the base64 of a picture'],
    [{ prompt: 'A', providerOptions: { google: { personGeneration: 'no' } } }, 'providerOptions.google has "personGen'],
    [{ prompt: 'A', providerOptions: { darkroom: { image_size: '9K' } } }, 'image_size must be one of'],
    [{}, 'prompt is missing'],
  ])('is refused by name: %o', async (body, message) => {
    const reply = await post(body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining(message) },
    });
  });

  it('without a model is refused', async () => {
    const reply = await post({ prompt: 'A' }, { headers: { 'ai-model-id': '' } });
    expect(reply.json().error.message).toContain('ai-model-id is missing');
  });

  it.each(['/image-model', '/ai/image-model', '/v1/ai/image-model', '/v4/ai/image-model'])(
    'may be sent to %s',
    async (url) => {
      expect((await post({}, { url })).json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    },
  );

  it('is described in the document of the service', async () => {
    const { paths } = (await app.current.call({ url: '/openapi.json' })).json();
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v4/ai/image-model', '/v4/ai/config']));
  });
});
