import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError, toFile } from 'openai';
import OpenAI6, { toFile as toFile6 } from 'openai-6';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImpatientProxy } from '../impatient-proxy.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { startUpstream } from '../start-upstream.ts';
import { TroubledLine } from '../troubled-line.ts';

/** The official SDK of OpenAI, in two majors, against a whole Darkroom whose upstream is the sandbox. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;
let line: TroubledLine;
beforeAll(async () => {
  [upstream, line] = await Promise.all([startUpstream(), TroubledLine.open()]);
  darkroom = await startServer({
    ...upstream.settings,
    DARKROOM_KEEP_ALIVE_SECONDS: '1',
    DARKROOM_MODEL_ALIASES: 'gpt-image-1=gemini-3-pro-image',
  });
  line.target = darkroom.url;
});
afterAll(async () => {
  await darkroom.stop();
  await Promise.all([upstream.stop(), line.close()]);
});

const picture = (background: string) =>
  sharp({ create: { width: 64, height: 64, channels: 3, background } })
    .png()
    .toBuffer();
const readMeta = (base64 = '') => sharp(Buffer.from(base64, 'base64')).metadata();

/** As a user sets it up: a base URL and a key. */
const options = () => ({ baseURL: `${darkroom.url}/v1`, apiKey: darkroom.key });

const majors = [
  { major: 'openai 7', create: () => new OpenAI(options()), toFile },
  { major: 'openai 6', create: () => new OpenAI6(options()), toFile: toFile6 },
] as const;

describe.for(majors)('$major', ({ create, toFile: file }) => {
  // Both majors have the same methods; one type is enough here.
  const client = () => create() as OpenAI;

  it('generates a PNG in base64, with usage and the real size', async () => {
    const { data, response } = await client()
      .images.generate({ model: 'gpt-image-1', prompt: 'a fox', size: '1536x1024', quality: 'high' })
      .withResponse();
    expect(await readMeta(data.data?.[0]?.b64_json)).toMatchObject({ format: 'png', width: 64, height: 64 });
    expect(data).toMatchObject({ size: '64x64', output_format: 'png', quality: 'high', background: 'opaque' });
    expect(data.usage).toMatchObject({ input_tokens_details: { image_tokens: 0 }, cost_usd: expect.any(Number) });
    expect(data.usage?.output_tokens_details?.image_tokens).toBeGreaterThan(1_000);
    const { payload, model } = await darkroom.client.status(String(response.headers.get('x-request-id')));
    expect(model).toBe('gemini-3-pro-image');
    expect(payload).toMatchObject({ aspect_ratio: '3:2', image_size: '2K', image_output_format: 'png' });
  });

  it('generates addresses when asked to', async () => {
    const webp = { output_format: 'webp', output_compression: 50 } as const;
    const { data, size } = await client().images.generate({ prompt: 'an owl', n: 2, response_format: 'url', ...webp });
    const bodies = await Promise.all((data ?? []).map(({ url }) => fetch(String(url)).then((read) => read.blob())));
    expect([size, ...bodies.map(({ type }) => type)]).toEqual(['64x64', 'image/webp', 'image/webp']);
  });

  it('edits one picture, and three', async () => {
    const files = await Promise.all(
      ['red', 'green', 'blue'].map(async (color) => file(await picture(color), `${color}.png`, { type: 'image/png' })),
    );
    const [first] = files;
    if (!first) throw new Error('There are three files.');
    const edit = (image: typeof first | typeof files, more = {}) =>
      client()
        .images.edit({ image, prompt: `in watercolour`, ...more })
        .withResponse();
    for (const image of [first, files]) {
      const { data, response } = await edit(image);
      expect(await readMeta(data.data?.[0]?.b64_json)).toMatchObject({ format: 'png' });
      expect(data.usage?.input_tokens_details.image_tokens).toBeGreaterThan(0);
      const { payload } = await darkroom.client.status(String(response.headers.get('x-request-id')));
      expect(payload['image']).toHaveLength([image].flat().length);
    }
  });

  it('edits only where the mask is transparent: elsewhere the original is put back, pixel for pixel', async () => {
    const whole = { create: { width: 64, height: 64, channels: 4, background: 'black' } } as const;
    const hole = { create: { width: 32, height: 64, channels: 4, background: 'black' } } as const;
    const left = await sharp(hole).png().toBuffer();
    const mask = await sharp(whole)
      .composite([{ input: left, left: 0, top: 0, blend: 'dest-out' }])
      .png()
      .toBuffer();
    const [image, masked] = [await file(await picture('blue'), 'a.png'), await file(mask, 'mask.png')];
    const { data } = await client().images.edit({ image, mask: masked, prompt: 'a red left half' });
    const { data: pixels, info } = await sharp(Buffer.from(data?.[0]?.b64_json ?? '', 'base64'))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...pixels.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
    expect([info.width, info.height]).toEqual([64, 64]);
    expect(at(60, 10)).toEqual([0, 0, 255]);
    expect(at(4, 10)).not.toEqual([0, 0, 255]);
  });

  it('streams: comments, then one event with the picture', async () => {
    const stream = await client().images.generate({
      prompt: 'a kite',
      stream: true,
      partial_images: 2,
    });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ type }) => type)).toEqual(['image_generation.completed']);
    expect(await readMeta(events[0]?.b64_json)).toMatchObject({ width: 64, height: 64 });
    const edited = await client().images.edit({
      image: await file(await picture('red'), 'red.png'),
      prompt: 'a kite',
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

describe('a call with an Idempotency-Key', () => {
  it('is answered again with the same pictures, their cost and their real size', async () => {
    const headers = { 'Idempotency-Key': 'the-only-owl' };
    const make = () => new OpenAI(options()).images.generate({ prompt: 'the only owl' }, { headers }).withResponse();
    const [first, again] = [await make(), await make()];
    expect(again.data).toEqual(first.data);
    const told = again.response.headers;
    expect(told.get('x-request-id')).toBe(first.response.headers.get('x-request-id'));
    expect([told.get('idempotent-replayed'), told.get('x-darkroom-sizes')]).toEqual(['true', '64x64']);
    expect(Number(told.get('x-darkroom-cost-usd'))).toBeGreaterThan(0.1);
  });
});

describe('a failure', () => {
  /** Counts the calls that the SDK makes. */
  const counting = (more = {}) => {
    const counted = { calls: 0 };
    const client = new OpenAI({
      ...options(),
      ...more,
      fetch: (...call: Parameters<typeof fetch>) => {
        counted.calls += 1;
        return fetch(...call);
      },
    });
    const failing = async (body: OpenAI.ImageGenerateParams) => {
      const error: unknown = await client.images.generate(body).catch((reason: unknown) => reason);
      if (!(error instanceof APIError)) throw new Error('It should have failed.', { cause: error });
      return { error, calls: counted.calls };
    };
    return failing;
  };

  it('of content has the class and the code that clients know, and its request', async () => {
    const prompt = 'a kite [[sandbox block=PROHIBITED_CONTENT]]';
    const { error, calls } = await counting()({ prompt });
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ type: 'image_generation_user_error', code: 'moderation_blocked' });
    expect(await darkroom.client.status(String(error.requestID))).toMatchObject({ status: 'failed' });
    expect(calls).toBe(1);
    const stream = await new OpenAI(options()).images.generate({ prompt, stream: true });
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'moderation_blocked' });
  });

  it('of the call names what is wrong, and is not repeated', async () => {
    const model = await counting()({ prompt: 'a kite', model: 'dall-e-9' });
    expect(model.error).toBeInstanceOf(NotFoundError);
    expect(model.error.message).toContain('gemini-3-pro-image');
    const key = await counting({ apiKey: 'wrong' })({ prompt: 'a kite' });
    expect(key.error).toBeInstanceOf(AuthenticationError);
    const background = await counting()({ prompt: 'a kite', background: 'transparent' });
    expect(background.error).toMatchObject({ status: 400, param: 'background' });
    expect([model.calls, key.calls, background.calls]).toEqual([1, 1, 1]);
  });

  it('of the budget is not repeated', async () => {
    const budget = { scope: 'organization', id: 'default', period: 'day' } as const;
    await darkroom.admin.setBudget(budget, 0.01);
    const { error, calls } = await counting()({ prompt: 'a kite' }).finally(() => darkroom.admin.removeBudget(budget));
    expect(error).toMatchObject({ status: 402, type: 'insufficient_quota', code: 'insufficient_quota' });
    expect(calls).toBe(1);
  });
});

describe('a line that is cut', () => {
  const client = () => new OpenAI({ ...options(), baseURL: `${line.url}/v1` });
  const cut = () => fetch(`${line.url}/line/cut`);
  const count = async () => [(await darkroom.client.list({ limit: 1 })).total, upstream.calls()] as const;

  it.each(['generate', 'edit'] as const)('is joined again by the retry of the SDK (%s)', async (kind) => {
    const [rows, calls] = await count();
    const prompt = `a lighthouse ${kind} [[sandbox delay=2s]]`;
    const image = await toFile(await picture('red'), 'red.png');
    const made = kind === 'generate' ? client().images.generate({ prompt }) : client().images.edit({ prompt, image });
    await expect.poll(() => upstream.calls()).toBe(calls + 1);
    await cut();
    expect(await readMeta((await made).data?.[0]?.b64_json)).toMatchObject({ format: 'png' });
    expect(await count()).toEqual([rows + 1, calls + 1]);
  });

  it('is joined again by the same call, when it was a stream, which the SDK does not repeat', async () => {
    const [rows, calls] = await count();
    const open = () => client().images.generate({ prompt: 'a lighthouse [[sandbox delay=3s]]', stream: true });
    const lost = await open();
    await cut();
    const events = await Array.fromAsync(lost).catch(() => []);
    const again = await Array.fromAsync(await open());
    expect([events.length, again.length]).toEqual([0, 1]);
    expect(await count()).toEqual([rows + 1, calls + 1]);
  });
});

describe('a call that takes longer than a proxy waits', () => {
  let proxy: ImpatientProxy;
  beforeAll(async () => {
    proxy = await ImpatientProxy.open(darkroom.url, 2_500);
  });
  afterAll(() => proxy.close());

  const slow = (name: string) => `${name} [[sandbox delay=3500ms]]`;
  const read = async (body: object) => {
    const response = await fetch(`${proxy.url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${darkroom.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.text();
  };

  it('is kept alive by white space before its JSON, or by comments in its stream', async () => {
    const calls = upstream.calls();
    const client = new OpenAI({ ...options(), baseURL: `${proxy.url}/v1` });
    const image = await toFile(await picture('red'), 'red.png');
    const [json, events, edited] = await Promise.all([
      read({ prompt: slow('a boat') }),
      read({ prompt: slow('a train'), stream: true }),
      client.images.edit({ prompt: slow('a plane'), image }),
    ]);
    expect(json).toMatch(/^\n+\{"created"/);
    expect(events).toMatch(/^(: alive\n\n)+event: image_generation\.completed\ndata: \{/);
    expect(edited.data).toHaveLength(1);
    expect([proxy.cuts, upstream.calls()]).toEqual([0, calls + 3]);
  });
});
