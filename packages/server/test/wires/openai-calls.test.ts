import type { LightMyRequestResponse } from 'fastify';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { createOpenAiWire } from '../../src/wires/openai/openai-wire.ts';
import { useApp } from '../app-harness.ts';

/** How calls are read, and how they are refused. No worker runs: a call is submitted as a task, and its payload is looked at. */

const harness = useApp({ wires: (ports) => [createOpenAiWire(ports)], maxUnusedUploadBytes: 200 * 2 ** 20 });

let [png, jpeg, mask] = [Buffer.alloc(0), Buffer.alloc(0), Buffer.alloc(0)];
beforeAll(async () => {
  const area = sharp({ create: { width: 8, height: 6, channels: 3, background: 'teal' } });
  const clear = sharp({ create: { width: 8, height: 6, channels: 4, background: '#0000' } });
  png = await area.clone().png().toBuffer();
  jpeg = await area.clone().jpeg().toBuffer();
  mask = await clear.png().toBuffer();
});

const post = (url: string, payload: object, headers = {}) =>
  harness.current.call({ method: 'POST', url, payload, headers });

async function payloadOf(response: LightMyRequestResponse): Promise<Record<string, unknown>> {
  expect([response.statusCode, response.body]).toEqual([202, expect.any(String)]);
  const row = await harness.current.store.requests.find('default', response.json<{ id: string }>().id);
  return JSON.parse(row?.payload ?? '{}') as Record<string, unknown>; // a row's payload is an object
}

const generate = async (body: object) =>
  payloadOf(await post('/v1/images/generations/async', { prompt: 'a fox', ...body }));

const errorOf = (response: LightMyRequestResponse) => ({
  status: response.statusCode,
  ...response.json<{ error: { message: string; type: string; param: string | null; code: string } }>().error,
});
const refusal = async (body: object, url = '/v1/images/generations') =>
  errorOf(await post(url, { prompt: 'a fox', ...body }));

describe('a body in JSON', () => {
  it('becomes the payload of the queue', async () => {
    expect(await generate({})).toEqual({ prompt: 'a fox', image_output_format: 'png' });
    expect(
      await generate({
        model: 'gemini-3-pro-image',
        n: '3',
        size: '1024x1792',
        quality: 'standard',
        output_format: 'jpg',
        response_format: 'url',
        background: 'opaque',
        style: 'vivid',
        moderation: 'low',
        user: 'user-7',
        tools: [{ type: 'function' }],
        seed: 7,
        partial_images: null,
      }),
    ).toEqual({
      prompt: 'a fox',
      aspect_ratio: '9:16',
      image_size: '2K',
      number_of_images: 3,
      image_output_format: 'jpeg',
      seed: 7,
      user: 'user-7',
    });
    expect(await generate({ size: '1024x1024', aspect_ratio: '21:9', image_size: '4K' })).toMatchObject({
      aspect_ratio: '21:9',
      image_size: '4K',
    });
  });

  it('comes from Open WebUI and from LiteLLM as they write it', async () => {
    const written = { model: 'gemini-3-pro-image', prompt: 'a fox', n: 1, size: '1024x1024' };
    const payload = {
      prompt: 'a fox',
      number_of_images: 1,
      aspect_ratio: '1:1',
      image_size: '1K',
      image_output_format: 'png',
    };
    expect(await generate({ ...written, response_format: 'b64_json' })).toEqual(payload);
    expect(await generate({ ...written, user: 'someone', quality: 'medium', metadata: { team: 'blue' } })).toEqual({
      ...payload,
      user: 'someone',
      metadata: { team: 'blue' },
    });
  });

  it('names its pictures in every form', async () => {
    const uri = `data:image/png;base64,${png.toString('base64')}`;
    const edit = async (body: object) => payloadOf(await post('/v1/images/edits/async', { prompt: 'a fox', ...body }));
    const url = 'https://pictures.example/a.png';
    for (const body of [{ image: url }, { images: [{ image_url: url }] }, { image: [{ image_url: { url } }] }])
      expect(await edit(body)).toMatchObject({ image: [url], aspect_ratio: 'auto' });
    expect((await edit({ images: [{ image_url: uri }, { image_url: url }] }))['image']).toEqual([
      'data:image/png;base64,',
      url,
    ]);
  });

  it.each([
    [{ n: 11 }, 'n', 'n must be a whole number from 1 to 10.'],
    [{ prompt: ' ' }, 'prompt', 'prompt is empty'],
    [{ prompt: 7 }, 'prompt', 'prompt must be a string'],
    [{ size: 'huge' }, 'size', 'size must be auto, WIDTHxHEIGHT'],
    [{ size: '7:5' }, 'aspect_ratio', 'aspect_ratio must be one of "1:1"'],
    [{ quality: 'finest' }, 'quality', 'quality must be one of'],
    [{ background: 'transparent' }, 'background', 'makes no alpha channel'],
    [{ output_format: 'gif' }, 'output_format', 'so gif and svg are not available'],
    [{ output_compression: 50 }, 'output_compression', 'is possible only with jpeg and webp'],
    [{ stream: true, async: true }, 'stream', 'a task is polled'],
    [{ seed: 'x' }, 'seed', 'seed must be a whole number'],
    [{ images: [{ file_id: 'file-1' }] }, 'images', 'names a file_id, but there are no files here'],
  ])('is refused with the name of what is wrong: %j', async (body, param, message) => {
    const refused = await refusal(body);
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error', param, code: 'invalid_value' });
    expect(refused.message).toContain(message);
  });

  it.each([
    [{ svg: { model: 'x' } }, 'svg', 'these models make raster pictures'],
    [{ frame_count: 4 }, 'frame_count', 'no moving pictures'],
    [{ negative_prompt: 'rain' }, 'negative_prompt', 'say in the prompt what to avoid'],
    [{ watermark: false }, 'watermark', 'is not a parameter of this call'],
  ])('never loses a parameter in silence: %j', async (body, param, message) => {
    const refused = await refusal(body);
    expect(refused).toMatchObject({ status: 400, param, code: 'unsupported_parameter' });
    expect(refused.message).toContain(message);
  });

  it('is an edit only with a picture', async () => {
    expect(await refusal({}, '/v1/images/edits')).toMatchObject({
      param: 'image',
      message: expect.stringContaining('edit needs'),
    });
  });

  it('says what became of a size that the model does not have', async () => {
    const response = await post('/v1/images/generations/async', { prompt: 'a fox', size: '3000x1000' });
    expect(response.headers['x-darkroom-warnings']).toContain('size 3000x1000 was changed to the ratio 21:9');
  });
});

describe('a form', () => {
  interface Part {
    readonly name: string;
    readonly data: Buffer | string;
    readonly file?: string;
    readonly type?: string;
  }

  const boundary = '----darkroom';
  const toBody = (parts: readonly Part[]) =>
    Buffer.concat([
      ...parts.flatMap(({ name, data, file, type }) => [
        Buffer.from(
          `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n` +
            `${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`,
        ),
        Buffer.from(data),
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${boundary}--\r\n`),
    ]);
  const send = (parts: readonly Part[], { url = '/v1/images/edits/async', headers = {}, body = toBody(parts) } = {}) =>
    harness.current.call({
      method: 'POST',
      url,
      payload: body,
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, ...headers },
    });
  const prompt = { name: 'prompt', data: 'a fox' };
  const upload = expect.stringMatching(/^http:\/\/darkroom\.example\/media\/[\w-]{32}\.(png|jpg)$/);
  const dataUri = (bytes: Buffer) => `data:image/png;base64,${bytes.toString('base64')}`;

  it('may have its parts in any order, and its numbers as texts', async () => {
    const parts = [
      { name: 'image', data: png, file: 'a.png', type: 'image/png' },
      { name: 'n', data: '2' },
      { name: 'size', data: '1536x1024' },
      prompt,
      { name: 'model', data: 'gemini-3-pro-image' },
    ];
    expect(await payloadOf(await send(parts))).toEqual({
      prompt: 'a fox',
      image: [upload],
      number_of_images: 2,
      aspect_ratio: '3:2',
      image_size: '1K',
      image_output_format: 'png',
    });
  });

  it.each(['image', 'image[]', 'image[0]', 'images[]'])(
    'has its pictures in parts named %s, repeated',
    async (name) => {
      const files = [png, jpeg, png].map((data) => ({ name, data, file: 'a', type: 'application/octet-stream' }));
      const { image } = await payloadOf(await send([...files, prompt]));
      expect(image).toEqual([upload, upload, upload]);
      // The bytes decide, whatever was declared.
      expect(String(Object(image)[1])).toMatch(/jpg$/);
    },
  );

  it('may have URLs and data: URIs as texts', async () => {
    const large = Buffer.concat([png, Buffer.alloc(300_000)]);
    const parts = ['https://pictures.example/a.png', dataUri(png), dataUri(large), png.toString('base64')];
    const { image } = await payloadOf(await send([prompt, ...parts.map((data) => ({ name: 'image[]', data }))]));
    expect(image).toEqual([parts[0], upload, upload, upload]);
    const kept = await harness.current.call({ url: new URL(String(Object(image)[2])).pathname }, '');
    expect(kept.rawPayload.equals(large)).toBe(true);
  });

  it('comes from Open WebUI as its openai engine writes it', async () => {
    const file = { name: 'image[]', data: png, file: '5d0c.png', type: 'image/png' };
    const fields = {
      model: 'gemini-3-pro-image',
      prompt: 'a fox',
      n: '1',
      size: '512x512',
      response_format: 'b64_json',
    };
    const texts = Object.entries(fields).map(([name, data]) => ({ name, data, type: 'text/plain; charset=utf-8' }));
    expect(await payloadOf(await send([...texts, file, file]))).toEqual({
      prompt: 'a fox',
      image: [upload, upload],
      number_of_images: 1,
      aspect_ratio: '1:1',
      image_size: '1K',
      image_output_format: 'png',
    });
  });

  it('comes from LiteLLM with its mask as a file', async () => {
    const parts = [
      { name: 'model', data: 'gemini-3-pro-image' },
      prompt,
      { name: 'image[]', data: png, file: 'image.png', type: 'image/png' },
      { name: 'mask', data: mask, file: 'mask.png', type: 'image/png' },
    ];
    expect(await payloadOf(await send(parts))).toMatchObject({ image: [upload], mask: upload, aspect_ratio: 'auto' });
  });

  it('has the hash of its meaning: the same idempotency key and form give the same request', async () => {
    const headers = { 'idempotency-key': 'once' };
    const file = { name: 'image', data: png, file: 'a.png' };
    const first = await send([file, prompt], { headers });
    const again = await send([prompt, { ...file, file: 'b.png' }], { headers });
    const other = await send([prompt, { ...file, data: jpeg }], { headers });
    expect(again.json().id).toBe(first.json().id);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(errorOf(other)).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    expect(other.headers['x-should-retry']).toBe('false');
  });

  it('ignores an empty file, and reads nested names', async () => {
    const parts = [
      { name: 'image', data: png, file: 'a.png' },
      { name: 'mask', data: '', file: '' },
      { name: 'metadata[team]', data: 'blue' },
      prompt,
    ];
    expect(await payloadOf(await send(parts))).toMatchObject({ image: [upload], metadata: { team: 'blue' } });
    expect(errorOf(await send([...parts, { name: 'svg[model]', data: 'x' }]))).toMatchObject({ param: 'svg' });
  });

  it('is refused with the reason', async () => {
    const image = { name: 'image', data: png, file: 'a.png' };
    const refused = async (parts: readonly Part[]) => errorOf(await send(parts));
    expect(await refused([{ name: 'image', data: 'not a picture', file: 'a.png' }, prompt])).toMatchObject({
      status: 400,
      message: expect.stringContaining('not a PNG, JPEG'),
    });
    expect(await refused([image, { ...prompt, data: 'a'.repeat(200_000) }])).toMatchObject({
      message: 'prompt is longer than 128 KiB, or must not be a file.',
    });
    expect(
      await refused([{ name: 'image', data: Buffer.concat([png, Buffer.alloc(7 * 2 ** 20)]) }, prompt]),
    ).toMatchObject({ status: 413 });
    expect(await refused([image, image, prompt].concat(Array(16).fill(image)))).toMatchObject({
      message: 'The form has more than 17 pictures.',
    });
    expect(await refused([image, { ...image, name: 'mask' }, { ...image, name: 'mask' }, prompt])).toMatchObject({
      param: 'mask',
    });
    expect(await refused([prompt])).toMatchObject({ param: 'image' });
    expect(await refused([{ name: 'image', data: `${dataUri(png).slice(0, 60)}?!` }, prompt])).toMatchObject({
      status: 400,
    });
  });

  it('that is cut or has no boundary is refused', async () => {
    const body = toBody([prompt, { name: 'image', data: png, file: 'a.png' }]);
    for (const cut of [body.subarray(0, body.length - 60), body.subarray(0, 50), Buffer.alloc(0)])
      expect(errorOf(await send([], { body: cut }))).toMatchObject({ status: 400, code: 'invalid_value' });
    expect(errorOf(await send([prompt], { headers: { 'content-type': 'multipart/form-data' } }))).toMatchObject({
      message: expect.stringContaining('has no boundary'),
    });
  });
});

describe('a task', () => {
  it('is answered at once, and polled', async () => {
    for (const [url, headers] of [
      ['/v1/images/generations/async', {}],
      ['/v1/images/generations', { prefer: 'respond-async' }],
      ['/v1/images/generations?async=true', {}],
    ] as const) {
      const response = await post(url, { prompt: 'a fox' }, headers);
      const task = response.json();
      expect(response.statusCode).toBe(202);
      expect(task).toMatchObject({ object: 'image.generation.task', status: 'processing', task_id: task.id });
      expect(response.headers).toMatchObject({
        location: `http://darkroom.example/v1/images/tasks/${task.id}`,
        'retry-after': '3',
        'cache-control': 'no-store',
        'x-request-id': task.id,
      });
      const polled = await harness.current.call({ url: `/v1/images/tasks/${task.id}` });
      expect([polled.statusCode, polled.json()]).toEqual([200, task]);
    }
  });

  it('that was cancelled has failed, and one of nobody is not found', async () => {
    const { id } = (await post('/v1/images/generations/async', { prompt: 'a fox' })).json();
    await harness.current.store.requests.cancel('default', id, harness.current.clock.now());
    const polled = await harness.current.call({ url: `/v1/images/tasks/${id}` });
    expect(polled.json()).toMatchObject({ status: 'failed', http_status: 400, error: { code: 'request_cancelled' } });
    expect(errorOf(await harness.current.call({ url: '/v1/images/tasks/none' }))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });
});

describe('the addresses', () => {
  it.each([
    '/v1/images/generations/async',
    '/v1/v1/images/generations/async',
    '/v1//images/generations/async/',
    '/images/generations/async',
    '/images/generations/async?api-version=2025-04-01',
    '/v1/v1/images/generations/async?at=12:30',
  ])('may be written as %s', async (url) => {
    expect((await post(url, { prompt: 'a fox' })).statusCode).toBe(202);
  });

  it('have their singular', async () => {
    expect(errorOf(await post('/v1/images/edit', { prompt: 'a fox' }))).toMatchObject({ param: 'image' });
  });

  it('of variations are gone, in the right format', async () => {
    expect(errorOf(await post('/v1/images/variations', {}))).toMatchObject({
      status: 404,
      type: 'invalid_request_error',
    });
  });

  it('list the models', async () => {
    const read = async (url: string) => (await harness.current.call({ url })).json();
    const list = await read('/v1/models?output_modalities=image');
    expect(list.object).toBe('list');
    expect(list.data[0]).toMatchObject({ id: 'gemini-3-pro-image-preview', object: 'model', owned_by: 'google' });
    expect(await read('/models')).toEqual(list);
    expect((await read('/v1/models?output_modalities=text')).data).toEqual([]);
    expect(await read('/v1/models/gemini-3-pro-image')).toMatchObject({ id: 'gemini-3-pro-image' });
    for (const id of ['nobody%2Fnothing', 'nobody/nothing']) {
      const refused = errorOf(await harness.current.call({ url: `/v1/models/${id}` }));
      expect(refused).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
      expect(refused.message).toContain('gemini-3-pro-image');
    }
  });

  it('need a key', async () => {
    expect(errorOf(await harness.current.call({ url: '/v1/models' }, ''))).toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
  });
});
