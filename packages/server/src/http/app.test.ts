import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { maxReferenceBytes } from '@darkroom/protocol';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalNotifier } from '../events/notifier.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { createApp } from './app.ts';
import { createOpenApiDocument } from './openapi.ts';
import { modelPrefix, wirePrefix } from './prefixes.ts';

const requests = `${wirePrefix}/requests`;
const model = 'gemini-3-pro-image-preview';

let folder: string;
let store: SqliteStore;
let app: FastifyInstance;
let clock: ManualClock;
let key: string;
let routes: string[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-http-'));
  store = openSqliteStore({ file: path.join(folder, 'darkroom.db') });
  clock = new ManualClock();
  const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  key = await createApiKey(store.keys, { name: 'test', now: clock.now() });
  app = await createApp({
    store: store.requests,
    keys: store.keys,
    media,
    notifier: createLocalNotifier(),
    spoolFolder: folder,
    uploadSecret: 'upload-secret',
    health: { store: () => store.requests.check() },
    apiKey: 'configured-key',
    publicUrl: () => 'http://darkroom.example',
    clock,
    logger: createLogger('silent'),
  });
  routes = app.printRoutes({ commonPrefix: false }).split('\n');
  await app.ready();
});

afterEach(async () => {
  await app.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const call = (options: InjectOptions, as: string | undefined = key) =>
  app.inject({ ...options, headers: { ...(as && { authorization: `Bearer ${as}` }), ...options.headers } });
const submit = (payload: unknown, as?: string) =>
  call({ method: 'POST', url: requests, payload: { model, payload } }, as ?? key);
/** The first bytes of a PNG, and as many others. */
const toPng = (bytes: number) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], bytes);
const countRows = async () => (await call({ url: requests })).json().total;

describe('submit', () => {
  it('answers exactly 200 with the six keys of the seed, in its order', async () => {
    const reply = await submit({
      prompt: 'A panda making latte art in a cozy cafe',
      image_size: '1K',
      aspect_ratio: '1:1',
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(reply.headers['cache-control']).toBe('no-store');
    const seconds = Math.floor(clock.now() / 1_000);
    expect(JSON.stringify(reply.json())).toBe(
      JSON.stringify({
        request_id: reply.json().request_id,
        model,
        status: 'queued',
        created_at: seconds,
        updated_at: seconds,
        queued_at: seconds,
      }),
    );
  });

  it('echoes the payload exactly as it came, unknown keys, order and all', async () => {
    const payload = { zebra: [1, { a: null }], prompt: 'ä🦓', source: 'studio', image_size: '4K', number_of_images: 4 };
    const { request_id } = (await submit(payload)).json();
    const record = (await call({ url: `${requests}/${request_id}?source_product=studio` })).json();
    expect(JSON.stringify(record.payload)).toBe(JSON.stringify(payload));
  });

  it.each([
    ['image as one URL', { image: 'https://example.com/ref1.jpg' }],
    ['14 images', { image: Array.from({ length: 14 }, (_, index) => `https://example.com/${index}.jpg`) }],
    ['no images', { image: [] }],
    ['a gs:// URI', { image: ['gs://bucket/generated.png'] }],
    ['a data URI of 7 MB', { image: `data:image/png;base64,${toPng(maxReferenceBytes).toString('base64')}` }],
    [
      'a conversation beside a wrong prompt, which does not count',
      { contents: [{ role: 'user', parts: [{ text: 'a' }] }], prompt: 7, image: 'x' },
    ],
    ['every ratio of the wire', { aspect_ratio: '2:3' }],
    ['the jpeg format', { image_output_format: 'jpeg' }],
    ['2,000 characters that are more code units', { prompt: '🐼'.repeat(2_000) }],
  ])('takes %s', async (_name, more) => {
    expect((await submit({ prompt: 'a panda', ...more })).statusCode).toBe(200);
  });

  const bad: readonly (readonly [name: string, payload: unknown, words: RegExp])[] = [
    ['no prompt', {}, /payload\.prompt is missing/],
    ['an empty prompt', { prompt: '' }, /payload\.prompt is empty/],
    ['a prompt of blanks', { prompt: ' \n ' }, /payload\.prompt is empty/],
    ['2,001 characters', { prompt: 'a'.repeat(2_001) }, /payload\.prompt has 2,001 characters.*1 to 2,000/],
    ['a prompt that is a number', { prompt: 3 }, /payload\.prompt must be a text/],
    ['2k', { prompt: 'a', image_size: '2k' }, /payload\.image_size must be one of "1K", "2K", "4K", not "2k"/],
    ['7:5', { prompt: 'a', aspect_ratio: '7:5' }, /payload\.aspect_ratio must be one of .*"21:9", not "7:5"/],
    [
      'a wrong format',
      { prompt: 'a', image_output_format: 'gif' },
      /payload\.image_output_format must be one of "png", "jpeg"/,
    ],
    [
      '15 images',
      { prompt: 'a', image: Array(15).fill('https://e.example/a.png') },
      /payload\.image has 15 pictures: at most 14/,
    ],
    [
      'another scheme',
      { prompt: 'a', image: ['https://e.example/a.png', 'ftp://e.example/a'] },
      /payload\.image has a wrong entry at \[1\]/,
    ],
    ['a local file', { prompt: 'a', image: 'file:///etc/passwd' }, /payload\.image must be an http/],
    ['an image that is a number', { prompt: 'a', image: 7 }, /payload\.image must be/],
    [
      'an inline image over 7 MB',
      { prompt: 'a', image: `data:image/png;base64,${'A'.repeat(9_800_000)}` },
      /payload\.image is larger than 7 MB/,
    ],
    ['a data URI of text', { prompt: 'a', image: 'data:text/html;base64,AAAA' }, /data:image/],
    [
      '5 pictures',
      { prompt: 'a', number_of_images: 5 },
      /payload\.number_of_images must be a whole number from 1 to 4/,
    ],
    ['half a picture', { prompt: 'a', number_of_images: 0.5 }, /payload\.number_of_images must be a whole number/],
    [
      'a turn of nobody',
      { contents: [{ role: 'system', parts: [] }] },
      /payload\.contents\[0\]\.role must be "user" or "model"/,
    ],
    [
      'a conversation that ends with the model',
      { contents: [{ role: 'model', parts: [{ text: 'a' }] }] },
      /payload\.contents must end with a turn of role "user"/,
    ],
    [
      'a conversation that asks nothing',
      { contents: [{ role: 'user', parts: [{ text: ' ' }] }] },
      /payload\.contents must end with/,
    ],
    ['an empty conversation', { contents: [] }, /payload\.contents must/],
    [
      'a turn with 15 pictures',
      {
        contents: [{ role: 'user', parts: [{ text: 'a' }, ...Array(15).fill({ fileData: { fileUri: 'gs://b/o' } })] }],
      },
      /payload\.contents\[0\]\.parts has 15 pictures: at most 14/,
    ],
    [
      'a turn with a wrong URI',
      { contents: [{ role: 'user', parts: [{ text: 'a', fileData: { fileUri: 'ftp://x' } }] }] },
      /payload\.contents\[0\]\.parts\[0\]\.fileData\.fileUri must be/,
    ],
    [
      'an inline picture that is none',
      { prompt: 'a', image: 'data:image/png;base64,AAAA' },
      /payload\.image cannot be read: it is not a PNG/,
    ],
    [
      'base64 that is broken',
      { prompt: 'a', image: 'data:image/png;base64,AB=A' },
      /payload\.image must hold standard base64/,
    ],
    [
      'base64 with bits left over',
      { prompt: 'a', image: 'data:image/png;base64,AB==' },
      /payload\.image must hold standard base64/,
    ],
    [
      'two ways to continue',
      { contents: [{ role: 'user', parts: [{ text: 'a' }] }], previous_request_id: 'x' },
      /payload\.previous_request_id cannot stand beside contents/,
    ],
    ['a payload that is a list', [], /payload must be an object/],
    ['a payload that is a text', 'prompt', /payload must be an object/],
  ];

  it.each(bad)('refuses %s by name and leaves no row behind', async (_name, payload, words) => {
    const reply = await submit(payload);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({
      error: expect.stringMatching(words),
      code: 'invalid_request',
      details: [{ path: expect.any(String) }],
    });
    expect(await countRows()).toBe(0);
  });

  it('names every wrong key at once', async () => {
    const { error, details } = (await submit({ image_size: '2k', aspect_ratio: '7:5' })).json();
    expect(error).toMatch(/prompt.*image_size.*aspect_ratio|image_size.*aspect_ratio.*prompt/);
    expect(details).toHaveLength(3);
  });

  it.each([
    ['a list', '[]', 400, 'invalid_request'],
    ['a text', '"hello"', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['nothing', '', 400, 'malformed_json'],
    ['broken JSON', '{"model": "gemini', 400, 'malformed_json'],
    ['a prototype', '{"__proto__": {"model": "x"}}', 400, 'malformed_json'],
    ['no model', '{"payload": {"prompt": "a"}}', 400, 'invalid_request'],
    ['no payload', `{"model": "${model}"}`, 400, 'invalid_request'],
    ['20 MB', `{"model": "${model}", "payload": {"prompt": "${'a'.repeat(20_000_000)}"}}`, 413, 'body_too_large'],
  ])('refuses a body that is %s', async (_name, payload, status, code) => {
    const reply = await call({
      method: 'POST',
      url: requests,
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toEqual(expect.objectContaining({ error: expect.stringMatching(/\w.*\.$/), code }));
    expect(await countRows()).toBe(0);
  });

  it('refuses a body that is not JSON by its type', async () => {
    const reply = await call({
      method: 'POST',
      url: requests,
      payload: 'model=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(reply.statusCode).toBe(415);
    expect(reply.json()).toMatchObject({
      code: 'unsupported_media_type',
      error: expect.stringContaining('application/json'),
    });
  });

  it('checks the model before the payload, and its id by case', async () => {
    for (const [id, payload] of [
      ['no-such-model', {}],
      [model.toUpperCase(), { prompt: 'a' }],
      ['__proto__', { prompt: 'a' }],
    ]) {
      const reply = await call({ method: 'POST', url: requests, payload: { model: id, payload } });
      expect([reply.statusCode, reply.json().error]).toEqual([404, 'Model not found']);
    }
    expect((await call({ method: 'POST', url: requests, payload: { model, payload: {} } })).statusCode).toBe(400);
  });
});

describe('keys', () => {
  it.each([
    ['no key', undefined],
    ['a wrong key', 'dk_abcdefgh_01234567890123456789012345678901'],
    ['a key of another kind', 'sk-123'],
  ])('refuses %s before it reads the body', async (_name, wrong) => {
    const headers = wrong === undefined ? {} : { authorization: `Bearer ${wrong}` };
    const reply = await app.inject({
      method: 'POST',
      url: requests,
      payload: '{broken',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
    expect(reply.json()).toMatchObject({ code: 'unauthorized', error: expect.stringContaining('API key') });
  });

  it('refuses a revoked key', async () => {
    const [row] = await store.keys.list();
    await store.keys.revoke(row?.id ?? '', clock.now());
    expect((await call({ url: requests })).statusCode).toBe(401);
  });

  it('takes the configured key for the default organization', async () => {
    const { request_id } = (await submit({ prompt: 'a' }, 'configured-key')).json();
    expect((await call({ url: `${requests}/${request_id}` })).json()).toMatchObject({
      org_id: 'default',
      user_id: 'configured',
    });
  });

  it('lets a key of several organizations choose by X-Organization-ID, and only among its own', async () => {
    const both = await createApiKey(store.keys, { name: 'both', organizationIds: ['red', 'blue'], now: 0 });
    const org = async (id: string | undefined) => {
      const reply = await call(
        { url: `${modelPrefix}/models/${model}`, headers: id === undefined ? {} : { 'x-organization-id': id } },
        both,
      );
      return reply.json().org_id ?? reply.statusCode;
    };
    expect(await Promise.all([org(undefined), org('blue'), org('green')])).toEqual(['red', 'blue', 401]);
  });

  it('promise 6: no organization sees the requests of another', async () => {
    const other = await createApiKey(store.keys, { name: 'other', organizationIds: ['other'], now: 0 });
    const { request_id } = (await submit({ prompt: 'secret' })).json();
    const found = await call({ url: `${requests}/${request_id}` }, other);
    const missing = await call({ url: `${requests}/00000000-0000-4000-8000-000000000000` }, other);
    expect([found.statusCode, found.body]).toEqual([404, missing.body]);
    expect((await call({ url: requests }, other)).json()).toEqual({ requests: [], total: 0, has_more: false });
  });
});

describe('status and list', () => {
  it('answers the record with the keys of the wire in their order', async () => {
    const { request_id } = (await submit({ prompt: 'a' })).json();
    const reply = await call({ url: `${requests}/${request_id}`, headers: { 'content-type': 'application/json' } });
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(Object.keys(reply.json())).toEqual([
      'request_id',
      'org_id',
      'user_id',
      'model',
      'status',
      'is_public',
      'payload',
      'outcome',
      'created_at',
      'updated_at',
      'queued_at',
    ]);
    expect(reply.json()).toMatchObject({ status: 'queued', outcome: null, is_public: false, org_id: 'default' });
  });

  it('walks all requests newest first, by offset and by cursor alike', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 60; index += 1)
      ids.unshift((await submit({ prompt: `number ${index}` })).json().request_id);
    const list = async (query: string) => (await call({ url: `${requests}?model_id=${model}&${query}` })).json();
    const toIds = (page: { requests: { request_id: string }[] }) => page.requests.map((one) => one.request_id);

    const bare = (await call({ url: requests })).json();
    expect(toIds(bare)).toEqual(ids);
    expect(bare).toMatchObject({ total: 60, has_more: false });

    const first = await list('limit=40');
    expect(toIds(first)).toEqual(ids.slice(0, 40));
    expect(first).toMatchObject({ total: 60, has_more: true, next_cursor: ids[39] });
    const second = await list(`limit=40&cursor=${first.next_cursor}`);
    expect(toIds(second)).toEqual(ids.slice(40));
    expect(second.has_more).toBe(false);
    expect(toIds(await list('limit=40&offset=40'))).toEqual(ids.slice(40));
  });

  it('filters by model, under both names, and by status', async () => {
    await submit({ prompt: 'a' });
    await call({
      method: 'POST',
      url: requests,
      payload: { model: 'gemini-nano-banana-2.1', payload: { prompt: 'b' } },
    });
    const total = async (query: string) => (await call({ url: `${requests}?${query}` })).json().total;
    expect(await total('model=gemini-nano-banana-2.1')).toBe(1);
    expect(await total(`model_id=${model}&status=queued`)).toBe(1);
    expect(await total('status=success')).toBe(0);
    expect(await total('model_id=unknown')).toBe(0);
  });

  it.each(['limit=0', 'limit=101', 'limit=x', 'offset=-1', 'status=done', 'cursor=abc', 'model_id=a&model_id=b'])(
    'refuses the query %s',
    async (query) => {
      const reply = await call({ url: `${requests}?${query}` });
      expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_request']);
      expect(reply.json().error).toContain(query.split('=')[0]);
    },
  );
});

describe('models', () => {
  it.each([wirePrefix, modelPrefix])('lists and describes the catalogue under %s', async (prefix) => {
    const { model_ids } = (await call({ url: `${prefix}/models` })).json();
    expect(model_ids).toEqual(['gemini-3-pro-image-preview', 'gemini-3-pro-image', 'gemini-nano-banana-2.1']);
    const detail = (await call({ url: `${prefix}/models/${model}` })).json();
    expect(Object.keys(detail)).toEqual([
      'model',
      'org_id',
      'display_name',
      'brief_description',
      'detailed_description',
      'modalities',
      'tags',
      'model_type',
      'delivery_mode',
      'parameters',
      'price_info',
      'pricing_details',
    ]);
    expect(detail.pricing_details).toBe(
      'For input, $0.0011 per image. For output, $0.134 per 1K/2K image and $0.24 per 4K image',
    );
    expect(detail.price_info).toEqual({ price: 134_400, pricing_type: 'per_image', unit: 'image' });
    expect(detail.parameters).toContainEqual({
      name: 'image_size',
      display_name: 'Image size',
      description: expect.any(String),
      type: 'string',
      required: false,
      default_value: '1K',
      options: ['1K', '2K', '4K'],
      min_value: null,
      max_value: null,
    });
    expect(detail.parameters.find((one: { name: string }) => one.name === 'prompt')).toMatchObject({
      required: true,
      type: 'string',
    });
    expect((await call({ url: `${prefix}/models/unknown` })).json().error).toBe('Model not found');
  });
});

describe('every address', () => {
  it.each([
    ['GET', '/nowhere', 404, 'not_found'],
    ['PUT', requests, 405, 'method_not_allowed'],
    ['POST', `${modelPrefix}/models`, 405, 'method_not_allowed'],
    ['DELETE', '/healthz', 405, 'method_not_allowed'],
    ['GET', `${requests}/%ff`, 400, 'invalid_request'],
  ] as const)('answers %s %s with the error body of the wire', async (method, url, status, code) => {
    const reply = await call({ method, url });
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(reply.json()).toMatchObject({ code, error: expect.stringMatching(/\w/) });
    if (status === 405) expect(reply.headers.allow).toMatch(/GET|POST/);
  });

  it('says whether it lives and whether it is ready', async () => {
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ok', checks: { store: 'ok' } });
    await store.close();
    const reply = await app.inject('/readyz');
    expect(reply.statusCode).toBe(503);
    expect(reply.json().checks.store).not.toBe('ok');
  });

  it('stands in the OpenAPI document, which is made from the same schemas', async () => {
    const document = (await app.inject('/openapi.json')).json();
    expect(document).toEqual(JSON.parse(JSON.stringify(createOpenApiDocument())));
    for (const url of [requests, `${requests}/{id}`, `${modelPrefix}/models/{id}`, '/media/{name}'])
      expect(document.paths).toHaveProperty([url]);
    expect(routes.length).toBeGreaterThan(8);
  });

  it('can be read and tried at /docs, with nothing from other hosts', async () => {
    const page = await app.inject('/docs');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBe(3);
    for (const asset of assets) expect((await app.inject(asset)).statusCode).toBe(200);
    expect((await app.inject('/docs/assets/index.html')).statusCode).toBe(404);
  });
});
