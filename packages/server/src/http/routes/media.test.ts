import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLosses } from '../../../test/fakes/losses-harness.ts';
import { createDiskDriver } from '../../media/drivers/disk.ts';
import { MediaStore } from '../../media/media-store.ts';
import { toPictureKey } from '../../media/picture-name.ts';
import type { StorageDriver } from '../../media/storage-driver.ts';
import { Thumbnails } from '../../media/thumbnails.ts';
import { createLogger } from '../../platform/logger.ts';
import { toHouseError } from '../error-reply.ts';
import { answerErrors } from '../refusals.ts';
import { registerMediaRoutes } from './media.ts';

const id = 'Zk3-_'.padEnd(32, 'Q');
const name = `${id}.png`;
const etag = `"${id}"`;
const bytes = randomBytes(100_000);

let folder: string;
let driver: StorageDriver;
let app: FastifyInstance;
/** Every stream that was opened for an answer, oldest first. */
let streams: Readable[];
/** The lengths of the pictures that rows name. */
let lengths: Map<string, number>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-media-routes-'));
  driver = createDiskDriver({ folder });
  streams = [];
  app = fastify();
  answerErrors(app, { name: 'house', toErrorReply: toHouseError }, createLogger('silent'));
  const media = new MediaStore(recording(driver));
  await media.check();
  lengths = new Map();
  const losses = createLosses(media, lengths);
  registerMediaRoutes(app, { media, losses, thumbnails: new Thumbnails({ media, losses, folder }) });
  await put(name, bytes);
});

afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

describe('GET /media/:name', () => {
  it('returns the picture without a key, cached for ever and safe on any site', async () => {
    const response = await get();
    expect(response.statusCode).toBe(200);
    expect(response.rawPayload.equals(bytes)).toBe(true);
    expect(response.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      etag,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-disposition': `inline; filename="${name}"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    });
  });

  it('names the type of a JPEG', async () => {
    await put(`${id}.jpg`, bytes);
    expect((await get({}, `/media/${id}.jpg`)).headers['content-type']).toBe('image/jpeg');
  });

  it.each([
    `/media/${'a'.repeat(32)}.png`,
    `/media/${id}`,
    `/media/${id}.gif`,
    '/media/a',
    `/media/..%2Fpictures%2FZk%2F${name}`,
    `/media/${name}%00`,
  ])('says that %s does not exist, and lets no client cache that', async (url) => {
    const response = await get({}, url);
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({ error: 'There is no such picture.', code: 'not_found' });
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    expect(response.headers).not.toHaveProperty('etag');
  });

  it.each([etag, `W/${etag}`, '*', `"other", ${etag}`])('sends nothing to a client that holds %s', async (tag) => {
    const response = await get({ 'if-none-match': tag });
    expect(response.statusCode).toBe(304);
    expect(response.rawPayload).toHaveLength(0);
    expect(response.headers).toMatchObject({ etag, 'cache-control': expect.stringContaining('immutable') });
    expect(streams).toEqual([]);
  });

  it('sends the picture to a client that holds another', async () => {
    expect((await get({ 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=99999-', 99_999, 99_999],
    ['bytes=-5', 99_995, 99_999],
    ['bytes=500-70000', 500, 70_000],
    ['bytes=500-700000', 500, 99_999],
  ])('returns the range %s', async (range, start, end) => {
    const response = await get({ range });
    expect(response.statusCode).toBe(206);
    expect(response.rawPayload.equals(bytes.subarray(start, end + 1))).toBe(true);
    expect(response.headers).toMatchObject({
      'content-range': `bytes ${start}-${end}/100000`,
      'content-length': String(end - start + 1),
      'content-type': 'image/png',
      etag,
    });
  });

  it.each(['bytes=0-1,5-9', 'lines=0-5', 'bytes=9-5'])('returns the whole picture for %s', async (range) => {
    const response = await get({ range });
    expect(response.statusCode).toBe(200);
    expect(response.headers).not.toHaveProperty('content-range');
    expect(response.rawPayload).toHaveLength(bytes.length);
  });

  it.each(['bytes=100000-', 'bytes=-0'])('refuses %s, which is outside', async (range) => {
    const response = await get({ range });
    expect(response.statusCode).toBe(416);
    expect(response.headers).toMatchObject({ 'content-range': 'bytes */100000', 'cache-control': 'no-store' });
    expect(response.json()).toMatchObject({ code: 'range_not_satisfiable' });
    expect(streams).toEqual([]);
  });

  it('continues only a picture that is still the same', async () => {
    const range = 'bytes=5-9';
    expect((await get({ range, 'if-range': etag })).statusCode).toBe(206);
    for (const ifRange of ['"other"', `W/${etag}`, 'Wed, 29 Oct 2025 07:28:00 GMT']) {
      expect((await get({ range, 'if-range': ifRange })).statusCode).toBe(200);
    }
  });
});

describe('HEAD /media/:name', () => {
  it('returns the headers of GET, and opens nothing', async () => {
    const head = await app.inject({ method: 'HEAD', url: `/media/${name}`, headers: { range: 'bytes=0-5' } });
    expect(streams).toEqual([]);
    const { date: _, ...headers } = head.headers;
    expect({ statusCode: head.statusCode, payload: head.payload }).toEqual({ statusCode: 200, payload: '' });
    expect((await get()).headers).toMatchObject(headers);
    expect(headers['content-length']).toBe('100000');
  });

  it('says that a missing picture does not exist', async () => {
    const head = await app.inject({ method: 'HEAD', url: '/media/missing.png' });
    expect({ statusCode: head.statusCode, payload: head.payload }).toEqual({ statusCode: 404, payload: '' });
  });
});

describe('/media/:name/thumbnail', () => {
  const url = `/media/${name}/thumbnail`;
  beforeEach(async () => {
    const create = { width: 1_024, height: 512, channels: 3, background: '#123' } as const;
    await put(name, await sharp({ create }).png().toBuffer());
  });

  it('returns a small picture, without a key, cached for ever and safe on any site', async () => {
    const response = await get({}, url);
    expect(response.statusCode).toBe(200);
    expect(await sharp(response.rawPayload).metadata()).toMatchObject({ format: 'webp', width: 512, height: 256 });
    expect(response.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-length': String(response.rawPayload.length),
      etag,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    });
  });

  it('sends nothing to a client that holds it, a part when a part is requested, and only headers for a HEAD', async () => {
    const { rawPayload: whole } = await get({}, url);
    expect((await get({ 'if-none-match': etag }, url)).statusCode).toBe(304);
    const part = await get({ range: 'bytes=2-5' }, url);
    expect([part.statusCode, part.rawPayload.equals(whole.subarray(2, 6))]).toEqual([206, true]);
    const head = await app.inject({ method: 'HEAD', url });
    expect([head.statusCode, head.payload, head.headers['content-length']]).toEqual([200, '', String(whole.length)]);
  });

  it('says that a missing picture has none', async () => {
    for (const other of [`/media/${'a'.repeat(32)}.png/thumbnail`, '/media/a/thumbnail']) {
      const response = await get({}, other);
      expect([response.statusCode, response.json().code]).toEqual([404, 'not_found']);
      expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' });
    }
  });

  it('says that a picture cannot be decoded', async () => {
    await put(name, bytes);
    const response = await get({}, url);
    expect([response.statusCode, response.json().code]).toEqual([422, 'unreadable_picture']);
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('asks the client to come again when too many are requested at once', async () => {
    const names = Array.from({ length: 67 }, (_, index) => `${String(index).padStart(32, '0')}.png`);
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    for (const one of names) await put(one, png);
    const answers = await Promise.all(names.map((one) => get({}, `/media/${one}/thumbnail`)));
    const refused = answers.filter(({ statusCode }) => statusCode !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { statusCode, headers } of refused) expect([statusCode, headers['retry-after']]).toEqual([503, '2']);
  });
});

describe('on a socket', () => {
  const large = `${'L'.repeat(32)}.png`;
  const largeBytes = 30_000_000;

  beforeEach(async () => {
    await put(large, Buffer.alloc(largeBytes, 7));
    await app.listen({ host: '127.0.0.1', port: 0 });
  });

  it('closes the file when the client goes away', async () => {
    for (let count = 0; count < 5; count += 1) {
      const client = await ask(large);
      await once(client, 'data');
      const stream = streams[count];
      client.destroy();
      if (stream && !stream.closed) await once(stream, 'close');
      expect(stream?.readableEnded).toBe(false);
    }
    expect(streams).toHaveLength(5);
    expect(streams.every((stream) => stream.closed)).toBe(true);
  });

  it('reads no faster than the client does', async () => {
    const slow = await ask(large);
    await once(slow, 'readable');
    const quick = await fetch(`http://127.0.0.1:${port()}/media/${large}`);
    expect((await quick.arrayBuffer()).byteLength).toBe(largeBytes);
    // What the system buffers for a connection is a few megabytes.
    expect(streams[0]).toHaveProperty(
      'bytesRead',
      expect.toSatisfy((read: number) => read < largeBytes / 2),
    );
    slow.destroy();
    if (streams[0] && !streams[0].closed) await once(streams[0], 'close');
  });

  it('keeps the connection for the next request', async () => {
    const client = await ask(name);
    const [first] = await once(client, 'data');
    expect(String(first)).toContain('200 OK');
    client.write(`GET /media/missing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const chunks = await Array.fromAsync(client);
    expect(String(Buffer.concat(chunks))).toContain('404 Not Found');
  });

  async function ask(picture: string): Promise<Socket> {
    const client = connect(port(), '127.0.0.1');
    await once(client, 'connect');
    client.write(`GET /media/${picture} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return client;
  }

  function port(): number {
    // A server that listens on a host and a port has an address of this kind.
    return (app.server.address() as AddressInfo).port;
  }
});

function get(headers: NonNullable<InjectOptions['headers']> = {}, url = `/media/${name}`) {
  return app.inject({ method: 'GET', url, headers });
}

async function put(picture: string, content: Buffer): Promise<void> {
  const source = join(folder, '~source');
  await writeFile(source, content);
  await driver.write(`pictures/${picture.slice(0, 2)}/${picture}`, source, { contentType: 'image/png' });
}

function recording(inner: StorageDriver): StorageDriver {
  return {
    write: (key, source, options) => inner.write(key, source, options),
    read: async (key, range) => {
      const object = await inner.read(key, range);
      if (object) streams.push(object.stream);
      return object;
    },
    stat: (key) => inner.stat(key),
    delete: (key) => inner.delete(key),
    list: (prefix) => inner.list(prefix),
    check: () => inner.check(),
  };
}

describe('a picture that a row names', () => {
  it.each(['', '/thumbnail'])('is media_lost when its file is missing, never 404: %s', async (suffix) => {
    lengths.set(name, bytes.length);
    await driver.delete(toPictureKey(name));
    const response = await app.inject(`/media/${name}${suffix}`);
    expect(response.statusCode).toBe(410);
    expect(response.json()).toMatchObject({ code: 'media_lost', error: expect.stringContaining('darkroom doctor') });
  });

  it('is never served with 200 when its file is cut off, neither in part nor as headers', async () => {
    lengths.set(name, bytes.length);
    expect((await app.inject(`/media/${name}`)).statusCode).toBe(200);
    await put(name, bytes.subarray(0, 60_000));
    for (const headers of [{}, { range: 'bytes=0-9' }, { 'if-none-match': etag }]) {
      const response = await app.inject({ url: `/media/${name}`, headers });
      expect([response.statusCode, response.json().code]).toEqual([410, 'media_lost']);
    }
    expect((await app.inject({ method: 'HEAD', url: `/media/${name}` })).statusCode).toBe(410);
    expect(streams).toHaveLength(1);
  });

  it('is served again when its file is back', async () => {
    lengths.set(name, bytes.length);
    await driver.delete(toPictureKey(name));
    expect((await app.inject(`/media/${name}`)).statusCode).toBe(410);
    await put(name, bytes);
    expect((await app.inject(`/media/${name}`)).statusCode).toBe(200);
  });
});
