import { createServer, type Server } from 'node:http';
import OpenAI, { type APIError, toFile } from 'openai';
import OpenAI6, { toFile as toFile6 } from 'openai-6';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPlain } from '../draw-plain.ts';
import { startServer, type TestServer } from '../start-server.ts';

/** The official SDK of OpenAI, in two majors, against a whole Darkroom whose upstream is the sandbox. */

let darkroom: TestServer;
beforeAll(async () => {
  darkroom = await startServer(
    { DARKROOM_KEEP_ALIVE_SECONDS: '1', DARKROOM_MODEL_ALIASES: 'gpt-image-1=gemini-3-pro-image' },
    { illustrate: drawPlain },
  );
});
afterAll(() => darkroom.stop());

const small = '[[sandbox size=64x48]]';
const picture = (color: string) =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: color } })
    .png()
    .toBuffer();
const readMeta = (base64 = '') => sharp(Buffer.from(base64, 'base64')).metadata();

/** As a user sets it up: a base URL and a key. */
const options = () => ({ baseURL: `${darkroom.url}/v1`, apiKey: darkroom.key });
const openai = () => new OpenAI(options());

const majors = [
  { major: 'openai 7', create: () => new OpenAI(options()), toFile },
  { major: 'openai 6', create: () => new OpenAI6(options()), toFile: toFile6 },
] as const;

describe.for(majors)('$major', ({ create, toFile: file }) => {
  // Both majors have the same methods; one type is enough here.
  const client = () => create() as OpenAI;

  it('generates a PNG in base64, with usage and the real size', async () => {
    const { data, response } = await client()
      .images.generate({ model: 'gpt-image-1', prompt: `a fox ${small}`, size: '1536x1024', quality: 'high' })
      .withResponse();
    expect(await readMeta(data.data?.[0]?.b64_json)).toMatchObject({ format: 'png', width: 64, height: 48 });
    expect(data).toMatchObject({ size: '64x48', output_format: 'png', quality: 'high', background: 'opaque' });
    expect(data.usage).toMatchObject({ input_tokens_details: { image_tokens: 0 }, cost_usd: expect.any(Number) });
    expect(data.usage?.output_tokens_details?.image_tokens).toBeGreaterThan(1_000);
    const { payload, model } = await darkroom.client.status(String(response.headers.get('x-request-id')));
    expect(model).toBe('gemini-3-pro-image');
    expect(payload).toMatchObject({ aspect_ratio: '3:2', image_size: '2K', image_output_format: 'png' });
    expect(response.headers.get('x-darkroom-sizes')).toBe('64x48');
  });

  it('generates addresses when asked to', async () => {
    const { data } = await client().images.generate({ prompt: `an owl ${small}`, n: 2, response_format: 'url' });
    const bodies = await Promise.all((data ?? []).map(({ url }) => fetch(String(url)).then((read) => read.blob())));
    expect(bodies.map(({ type }) => type)).toEqual(['image/png', 'image/png']);
  });

  it('edits one picture, three pictures, and one with a mask', async () => {
    const files = await Promise.all(
      ['red', 'green', 'blue'].map(async (color) => file(await picture(color), `${color}.png`, { type: 'image/png' })),
    );
    const [first] = files;
    if (!first) throw new Error('There are three files.');
    const edit = (image: typeof first | typeof files, more = {}) =>
      client()
        .images.edit({ image, prompt: `in watercolour ${small}`, ...more })
        .withResponse();
    for (const image of [first, files]) {
      const { data, response } = await edit(image);
      expect(await readMeta(data.data?.[0]?.b64_json)).toMatchObject({ format: 'png' });
      expect(data.usage?.input_tokens_details.image_tokens).toBeGreaterThan(0);
      const { payload } = await darkroom.client.status(String(response.headers.get('x-request-id')));
      expect(payload['image']).toHaveLength([image].flat().length);
    }
  });

  it('streams: comments, then one event with the picture', async () => {
    const stream = await client().images.generate({
      prompt: `a kite ${small}`,
      stream: true,
      partial_images: 2,
    });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual(['image_generation.completed']);
    expect(await readMeta(events[0]?.b64_json)).toMatchObject({ width: 64, height: 48 });
    const edited = await client().images.edit({
      image: await file(await picture('red'), 'red.png'),
      prompt: `a kite ${small}`,
      stream: true,
    });
    expect((await Array.fromAsync(edited)).map(({ type }) => type)).toEqual(['image_edit.completed']);
  });

  it('lists the models and their aliases', async () => {
    const { data } = await client().models.list();
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['gemini-3-pro-image', 'gpt-image-1']));
    expect(await client().models.retrieve('gpt-image-1')).toMatchObject({ object: 'model', owned_by: 'google' });
  });
});

void createServer;

export type { APIError, Server };

void openai;
