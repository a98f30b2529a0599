import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDiskDriver } from '../../media/drivers/disk.ts';
import { createLosses } from '../../media/losses-harness.ts';
import { MediaStore } from '../../media/media-store.ts';
import { createLogger } from '../../platform/logger.ts';
import { ManualClock } from '../../platform/manual-clock.ts';
import { addProblems } from '../problems-plugin.ts';
import { registerMediaRoutes } from './media.ts';
import { registerUploadGrantRoutes, registerUploadRoutes } from './uploads.ts';

let folder: string;
let app: FastifyInstance;
let clock: ManualClock;
let png: Buffer;
let shortage: string | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-uploads-'));
  clock = new ManualClock();
  shortage = undefined;
  const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  const options = {
    media,
    losses: createLosses(media),
    spoolFolder: folder,
    uploadSecret: 'secret',
    headroom: { refusal: () => shortage, mustRest: () => false },
    publicUrl: () => 'http://darkroom.example',
    clock,
  };
  app = fastify();
  addProblems(app, createLogger('silent'));
  registerUploadGrantRoutes(app, options);
  registerMediaRoutes(app, options);
  await app.register(async (scope) => registerUploadRoutes(scope, options));
  png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
    .png()
    .toBuffer();
});

afterEach(async () => {
  expect((await readdir(folder)).filter((name) => name.startsWith('upload-'))).toEqual([]);
  await app.close();
  await rm(folder, { recursive: true });
});

async function grant(file_type: string): Promise<{ upload_url: string; public_url: string }> {
  return (await app.inject({ method: 'POST', url: '/upload-url', payload: { file_type } })).json();
}

const put = (url: string, payload: Buffer, type = 'image/png') =>
  app.inject({
    method: 'PUT',
    url: url.replace('http://darkroom.example', ''),
    payload,
    headers: { 'content-type': type },
  });
const get = (url: string) => app.inject(url.replace('http://darkroom.example', ''));

describe('uploads', () => {
  it('take a picture without a key, and show it at its public URL', async () => {
    const { upload_url, public_url } = await grant('png');
    expect((await get(public_url)).statusCode).toBe(404);
    expect((await put(upload_url, png)).json()).toEqual({ public_url });
    const shown = await get(public_url);
    expect([shown.headers['content-type'], shown.rawPayload.equals(png)]).toEqual(['image/png', true]);
  });

  it.each(['jpg', 'jpeg'])('take image/jpg and image/jpeg for %s', async (file_type) => {
    const jpeg = await sharp(png).jpeg().toBuffer();
    for (const type of ['image/jpg', 'image/jpeg']) {
      expect((await put((await grant(file_type)).upload_url, jpeg, type)).statusCode).toBe(200);
    }
  });

  it('take webp, heic and heif by their bytes', async () => {
    const webp = await sharp(png).webp().toBuffer();
    expect((await put((await grant('webp')).upload_url, webp, 'image/webp')).statusCode).toBe(200);
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    for (const type of ['heic', 'heif'])
      expect((await put((await grant(type)).upload_url, heic, `image/${type}`)).statusCode).toBe(200);
  });

  it('refuse a type that is none', async () => {
    const reply = await app.inject({ method: 'POST', url: '/upload-url', payload: { file_type: 'gif' } });
    expect([reply.statusCode, reply.json().error]).toEqual([
      400,
      'file_type must be one of png, jpeg, jpg, webp, heic, heif.',
    ]);
  });

  it('refuse bytes of another kind, too many bytes, another type, and keep nothing of them', async () => {
    const { upload_url, public_url } = await grant('png');
    const jpeg = await sharp(png).jpeg().toBuffer();
    const large = Buffer.concat([png, Buffer.alloc(7 * 1024 * 1024)]);
    expect((await put(upload_url, jpeg)).json()).toMatchObject({
      code: 'invalid_request',
      error: 'The bytes are image/jpeg, not image/png.',
    });
    expect((await put(upload_url, Buffer.from('<html>'))).statusCode).toBe(400);
    expect((await put(upload_url, large)).statusCode).toBe(413);
    expect((await put(upload_url, png, 'image/jpeg')).statusCode).toBe(415);
    expect((await get(public_url)).statusCode).toBe(404);
    expect((await put(upload_url, png)).statusCode).toBe(200);
  });

  it('can be sent again, and not changed', async () => {
    const { upload_url } = await grant('png');
    const other = await sharp(png).negate().png().toBuffer();
    expect(
      [await put(upload_url, png), await put(upload_url, png), await put(upload_url, other)].map(
        ({ statusCode }) => statusCode,
      ),
    ).toEqual([200, 200, 409]);
  });

  it('are refused while the disk is short, before any of their bytes', async () => {
    const { upload_url, public_url } = await grant('png');
    shortage = 'The service is short of disk space.';
    for (const reply of [
      await put(upload_url, png),
      await app.inject({ method: 'POST', url: '/upload-url', payload: { file_type: 'png' } }),
    ]) {
      expect(reply.statusCode).toBe(503);
      expect(reply.json()).toEqual({ code: 'overloaded', error: shortage });
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await put(upload_url.replace(/signature=.*/, 'signature=x'), png)).statusCode).toBe(401);
    shortage = undefined;
    expect((await get(public_url)).statusCode).toBe(404);
  });

  it('end after 15 minutes, and cannot be forged', async () => {
    const { upload_url } = await grant('png');
    const forged = upload_url.replace(/expires=(\d+)/, (_, time) => `expires=${Number(time) + 1}`);
    expect((await put(forged, png)).statusCode).toBe(401);
    expect((await put(upload_url.replace(/&signature=.*/, ''), png)).statusCode).toBe(401);
    clock.advance(15 * 60_000 + 1);
    expect((await put(upload_url, png)).json()).toMatchObject({
      code: 'unauthorized',
      error: expect.stringContaining('expired'),
    });
  });
});
