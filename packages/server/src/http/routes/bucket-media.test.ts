import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ordinaryScopes } from '@darkroom/protocol';
import fastify, { type FastifyInstance, type onRequestHookHandler } from 'fastify';
import sharp from 'sharp';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLosses } from '../../../test/fakes/losses-harness.ts';
import { ManualClock } from '../../../test/fakes/manual-clock.ts';
import { startS3TestServer } from '../../../test/fakes/s3-test-server.ts';
import { openNewStore } from '../../../test/store/migrated-file.ts';
import { noLimits } from '../../core/limits.ts';
import { createS3Driver } from '../../media/drivers/s3.ts';
import { MediaStore, type MediaStoreOptions } from '../../media/media-store.ts';
import { createPictureName, toPictureKey } from '../../media/picture-name.ts';
import { Thumbnails } from '../../media/thumbnails.ts';
import { createLogger } from '../../platform/logger.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../auth.ts';
import { toHouseError } from '../error-reply.ts';
import { answerErrors } from '../refusals.ts';
import { registerMediaRoutes } from './media.ts';
import { registerUploadGrantRoutes, registerUploadRoutes } from './uploads.ts';

const server = await startS3TestServer();
afterAll(() => server.close());
vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId);
vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey);

const driver = createS3Driver({
  bucket: server.bucket,
  prefix: 'darkroom',
  endpoint: server.url,
  forcePathStyle: true,
});
const publicUrl = 'http://darkroom.example';
const caller: Caller = {
  apiKeyId: 'key-1',
  actor: { kind: 'key', id: 'key-1', name: 'test', address: undefined },
  organizationId: 'default',
  organizationIds: ['default'],
  scopes: ordinaryScopes,
  isAdmin: false,
  limits: noLimits,
  cancelWhenGone: false,
  modelIds: undefined,
  session: undefined,
  traceparent: undefined,
};

let folder: string;
let app: FastifyInstance;
let store: Store;
let clock: ManualClock;
let png: Buffer;
let name: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-bucket-media-'));
  store = openNewStore(path.join(folder, 'darkroom.db'));
  name = createPictureName('image/png');
  const file = path.join(folder, name);
  await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
    .png()
    .toFile(file);
  png = await sharp(file).png().toBuffer();
  await driver.write(toPictureKey(name), file, { contentType: 'image/png' });
});

afterEach(async () => {
  await app.close();
  await store.close();
  await rm(folder, { recursive: true });
});

async function start(mediaOptions: MediaStoreOptions): Promise<MediaStore> {
  const media = new MediaStore(driver, mediaOptions);
  clock = new ManualClock();
  const options = {
    media,
    uploads: store.uploads,
    uploadsPerMinute: 600,
    maxUnusedUploadBytes: 21 * 2 ** 20,
    unusedUploadMs: 3_600_000,
    losses: createLosses(media),
    spoolFolder: folder,
    deleteUpload: async () => undefined,
    uploadSecret: 'secret',
    findOwnLimits: async () => noLimits,
    assertStorageRoom: async () => undefined,
    headroom: { refusal: () => undefined, mustRest: () => false, admit: () => undefined },
    publicUrl: () => publicUrl,
    clock,
  };
  app = fastify();
  app.addHook('onRequest', async (request) => {
    request.caller = caller;
  });
  answerErrors(app, { name: 'house', toErrorReply: toHouseError }, createLogger('silent'));
  const admit: onRequestHookHandler = (_request, _reply, done) => done();
  const gates = { room: admit, rate: admit, uploads: admit, bodies: admit, open: () => admit };
  registerUploadGrantRoutes(app, gates, options);
  registerMediaRoutes(app, { ...options, thumbnails: new Thumbnails({ ...options, folder }) });
  await app.register(async (scope) => registerUploadRoutes(scope, options));
  return media;
}

async function grant(): Promise<{ upload_url: string; public_url: string }> {
  return (await app.inject({ method: 'POST', url: '/upload-url', payload: { file_type: 'png' } })).json();
}

describe('a bucket behind this service', () => {
  it('is read through this service, and accepts uploads through it', async () => {
    const media = await start({});
    const reply = await app.inject(`/media/${name}`);
    expect([reply.statusCode, reply.rawPayload.equals(png)]).toEqual([200, true]);
    expect(media.toAddress(name, publicUrl)).toEqual({ url: `${publicUrl}/media/${name}` });
    expect(await media.listOrigins()).toEqual([]);
    expect((await grant()).upload_url).toContain(`${publicUrl}/uploads/`);
  });
});

describe('a bucket that does not answer', () => {
  it('makes reads and uploads of its pictures fail with 503 and Retry-After, and not as a defect', async () => {
    await start({});
    const { upload_url } = await grant();
    const uploading = { method: 'PUT', url: upload_url.slice(publicUrl.length), payload: png } as const;
    const headers = { 'content-type': 'image/png' };
    for (const call of [{ url: `/media/${name}` }, { ...uploading, headers }]) {
      server.failures.push(...Array(9).fill({ status: 403, code: 'AccessDenied' }));
      const reply = await app.inject(call);
      server.failures.length = 0;
      expect([reply.statusCode, reply.json()]).toMatchObject([503, { code: 'overloaded' }]);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      expect((await app.inject(call)).statusCode).toBe(200);
    }
  });
});

describe('a bucket that clients reach at signed addresses', () => {
  it('is where clients are sent for the bytes, and for a part of them', async () => {
    const media = await start({ signedUrlSeconds: 600 });
    const reply = await app.inject(`/media/${name}`);
    expect(reply.statusCode).toBe(302);
    expect(reply.headers).toMatchObject({ 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' });
    const location = String(reply.headers.location);
    const picture = await fetch(location);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await picture.arrayBuffer()).equals(png)).toBe(true);
    expect((await fetch(location, { headers: { range: 'bytes=0-7' } })).status).toBe(206);
    expect(await media.listOrigins()).toEqual([server.url]);
  });

  it('is not where clients are sent for missing pictures, for those that they already hold, or for a HEAD', async () => {
    await start({ signedUrlSeconds: 600 });
    expect((await app.inject(`/media/${createPictureName('image/png')}`)).statusCode).toBe(404);
    const head = await app.inject({ method: 'HEAD', url: `/media/${name}` });
    expect([head.statusCode, head.headers['content-length']]).toEqual([200, String(png.length)]);
    const headers = { 'if-none-match': String(head.headers.etag) };
    expect((await app.inject({ url: `/media/${name}`, headers })).statusCode).toBe(304);
  });

  it('is where clients are sent for thumbnails, which it stores too', async () => {
    await start({ signedUrlSeconds: 600 });
    const reply = await app.inject(`/media/${name}/thumbnail`);
    expect(reply.statusCode).toBe(302);
    expect(String(reply.headers.location)).toContain(`/darkroom/thumbnails/${name.slice(0, 2)}/thumbnail-`);
    const thumbnail = await fetch(String(reply.headers.location));
    expect(thumbnail.headers.get('content-type')).toBe('image/webp');
    expect(await sharp(await thumbnail.arrayBuffer()).metadata()).toMatchObject({ format: 'webp', width: 8 });
  });

  it('receives an upload by itself, only of the granted type, and shows it at its public URL', async () => {
    await start({ signedUrlSeconds: 600 });
    const { upload_url, public_url } = await grant();
    expect(upload_url).toContain(server.url);
    const put = (type: string) =>
      fetch(upload_url, { method: 'PUT', body: new Uint8Array(png), headers: { 'content-type': type } });
    expect((await put('image/jpeg')).status).toBe(403);
    expect((await put('image/png')).status).toBe(200);
    const shown = await app.inject(public_url.replace(publicUrl, ''));
    expect(shown.statusCode).toBe(302);
    const answer = await fetch(String(shown.headers.location));
    expect(Buffer.from(await answer.arrayBuffer()).equals(png)).toBe(true);
  });
});

describe('a public bucket', () => {
  const bucketUrl = 'https://cdn.example/darkroom';

  it('is where pictures are read, while their old URLs still work', async () => {
    const media = await start({ bucketUrl });
    expect(media.toAddress(name, publicUrl)).toEqual({ url: `${bucketUrl}/pictures/${name.slice(0, 2)}/${name}` });
    expect((await app.inject(`/media/${name}`)).rawPayload.equals(png)).toBe(true);
    expect(await media.listOrigins()).toEqual(['https://cdn.example']);
  });

  it('has thumbnails that are read through this service', async () => {
    await start({ bucketUrl });
    const reply = await app.inject(`/media/${name}/thumbnail`);
    expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, 'image/webp']);
  });

  it('with signed addresses receives uploads by itself, and only those are read through this service: it has not checked them', async () => {
    const media = await start({ bucketUrl, signedUrlSeconds: 600 });
    const { upload_url, public_url } = await grant();
    expect(upload_url).toContain(`${server.url}/`);
    expect(public_url).toMatch(new RegExp(`^${publicUrl}/media/upload-`));
    expect(media.toAddress(name, publicUrl).url).toBe(`${bucketUrl}/pictures/${name.slice(0, 2)}/${name}`);
    expect(await media.listOrigins()).toEqual(['https://cdn.example', server.url]);
  });

  it('shows an upload at its own address', async () => {
    await start({ bucketUrl });
    const { upload_url, public_url } = await grant();
    const url = upload_url.replace(publicUrl, '');
    const reply = await app.inject({ method: 'PUT', url, payload: png, headers: { 'content-type': 'image/png' } });
    expect(reply.json()).toEqual({ public_url });
    expect(public_url).toMatch(/^https:\/\/cdn\.example\/darkroom\/pictures\//);
  });
});
