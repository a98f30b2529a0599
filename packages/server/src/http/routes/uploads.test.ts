import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useApp } from '../../../test/app-harness.ts';
import { createApiKey } from '../../keys/api-keys.ts';
import { createDiskDriver } from '../../media/drivers/disk.ts';
import { MediaStore } from '../../media/media-store.ts';
import { toPictureKey } from '../../media/picture-name.ts';
import { createLogger } from '../../platform/logger.ts';
import { createUploadSweeper } from '../../upkeep/upload-sweeper.ts';
import { housePrefix } from '../prefixes.ts';

const app = useApp({ uploadsPerMinute: 20, maxUnusedUploadBytes: 35 * 2 ** 20 });
let png: Buffer;
let other: Buffer;

beforeEach(async () => {
  png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
    .png()
    .toBuffer();
  other = await sharp(png).negate().png().toBuffer();
});

afterEach(async () => {
  expect((await readdir(app.current.folder)).filter((name) => name.startsWith('upload-'))).toEqual([]);
});

const ask = (file_type: string, as?: string) =>
  app.current.call({ method: 'POST', url: `${housePrefix}/upload-url`, payload: { file_type } }, as);

async function grant(file_type: string): Promise<{ upload_url: string; public_url: string }> {
  return (await ask(file_type)).json();
}

const createKey = () => createApiKey(app.current.store.keys, { name: 'other', now: app.current.clock.now() });

const put = (url: string, payload: Buffer, type = 'image/png') =>
  app.current.app.inject({
    method: 'PUT',
    url: url.replace('http://darkroom.example', ''),
    payload,
    headers: { 'content-type': type },
  });
const get = (url: string) => app.current.app.inject(url.replace('http://darkroom.example', ''));

describe('uploads', () => {
  it('accept a picture without a key, and show it at its public URL', async () => {
    const { upload_url, public_url } = await grant('png');
    expect((await get(public_url)).statusCode).toBe(404);
    expect((await put(upload_url, png)).json()).toEqual({ public_url });
    const shown = await get(public_url);
    expect([shown.headers['content-type'], shown.rawPayload.equals(png)]).toEqual(['image/png', true]);
  });

  it.each(['jpg', 'jpeg'])('accept image/jpg and image/jpeg for %s', async (file_type) => {
    const jpeg = await sharp(png).jpeg().toBuffer();
    for (const type of ['image/jpg', 'image/jpeg']) {
      expect((await put((await grant(file_type)).upload_url, jpeg, type)).statusCode).toBe(200);
    }
  });

  it('accept webp, heic and heif by their bytes', async () => {
    const webp = await sharp(png).webp().toBuffer();
    expect((await put((await grant('webp')).upload_url, webp, 'image/webp')).statusCode).toBe(200);
    const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
    for (const type of ['heic', 'heif'])
      expect((await put((await grant(type)).upload_url, heic, `image/${type}`)).statusCode).toBe(200);
  });

  it('refuse a type that is not a picture', async () => {
    const reply = await ask('gif');
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
    expect(
      [await put(upload_url, png), await put(upload_url, png), await put(upload_url, other)].map(
        ({ statusCode }) => statusCode,
      ),
    ).toEqual([200, 200, 409]);
  });

  it('are complete again when they are sent again after the storage has lost a part', async () => {
    const { upload_url, public_url } = await grant('png');
    await put(upload_url, png);
    const file = path.join(app.current.folder, 'media', toPictureKey(path.basename(public_url)));
    await truncate(file, 9);
    expect([(await get(public_url)).statusCode, (await get(public_url)).json().code]).toEqual([410, 'media_lost']);
    expect((await put(upload_url, png)).statusCode).toBe(200);
    expect((await get(public_url)).rawPayload.equals(png)).toBe(true);
  });

  it('are never reported as lost while they arrive', async () => {
    const { upload_url, public_url } = await grant('png');
    const coming = put(upload_url, png);
    const statuses = new Set<number>();
    do statuses.add((await get(public_url)).statusCode);
    while (!statuses.has(200));
    expect((await coming).statusCode).toBe(200);
    expect([...statuses].filter((status) => ![200, 404].includes(status))).toEqual([]);
  });

  it('are refused while the disk is short, before any of their bytes are read', async () => {
    const { upload_url, public_url } = await grant('png');
    app.current.shortage = 'The service is short of disk space.';
    for (const reply of [await put(upload_url, png), await ask('png')]) {
      expect(reply.statusCode).toBe(503);
      expect(reply.json()).toEqual({ code: 'overloaded', error: app.current.shortage });
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await put(upload_url.replace(/signature=.*/, 'signature=x'), png)).statusCode).toBe(401);
    app.current.shortage = undefined;
    expect((await get(public_url)).statusCode).toBe(404);
  });

  it('end after 15 minutes, and cannot be forged', async () => {
    const { upload_url } = await grant('png');
    const forged = upload_url.replace(/expires=(\d+)/, (_, time) => `expires=${Number(time) + 1}`);
    expect((await put(forged, png)).statusCode).toBe(401);
    expect((await put(upload_url.replace(/&signature=.*/, ''), png)).statusCode).toBe(401);
    app.current.clock.advance(15 * 60_000 + 1);
    expect((await put(upload_url, png)).json()).toMatchObject({
      code: 'unauthorized',
      error: expect.stringContaining('expired'),
    });
  });

  it('are as immutable as their URL says: of many at the same time, the first complete one wins, and the others get 409', async () => {
    const { upload_url, public_url } = await grant('png');
    const pictures = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        sharp({ create: { width: 100, height: 100, channels: 3, background: { r: 20 * index, g: 9, b: 9 } } })
          .png()
          .toBuffer(),
      ),
    );
    const replies = await Promise.all(pictures.map((picture) => put(upload_url, picture)));
    const winners = pictures.filter((_, index) => replies[index]?.statusCode === 200);
    expect(winners).toHaveLength(1);
    expect(replies.filter(({ statusCode }) => statusCode === 409)).toHaveLength(11);
    expect(replies.find(({ statusCode }) => statusCode === 409)?.json().code).toBe('upload_conflict');
    expect((await get(public_url)).rawPayload.equals(winners[0] ?? Buffer.of())).toBe(true);
    const again = await Promise.all([1, 2, 3].map(() => put(upload_url, winners[0] ?? Buffer.of())));
    expect(again.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  });

  it('are limited for each key: a number of addresses in a minute', async () => {
    const { clock } = app.current;
    for (let count = 0; count < 20; count += 1) {
      const { upload_url } = await grant('png');
      expect((await put(upload_url, png)).statusCode).toBe(200);
    }
    const refused = await ask('png');
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '60',
    ]);
    expect((await ask('png', await createKey())).statusCode).toBe(200);
    clock.advance(60_000);
    expect((await ask('png')).statusCode).toBe(200);
  });

  it('are limited for each organization: five times as many addresses in a minute', async () => {
    const statuses = [];
    for (let count = 0; count < 6; count += 1) {
      const key = await createKey();
      for (let each = 0; each < 20; each += 1) {
        const reply = await ask('png', key);
        statuses.push(reply.statusCode === 429 ? reply.json().code : reply.statusCode);
        const { upload_url } = reply.json();
        if (upload_url) await put(upload_url, png);
      }
    }
    expect(statuses.slice(0, 100).every((status) => status === 200)).toBe(true);
    expect(statuses.slice(100).every((status) => status === 'rate_limited')).toBe(true);
  });

  it('that no request has used are limited for each key by their bytes; others are not affected', async () => {
    const granted = [];
    for (let count = 0; count < 5; count += 1) granted.push(await grant('png'));
    const full = await ask('png');
    expect([full.statusCode, full.json().code]).toEqual([429, 'uploads_full']);
    expect(Number(full.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('png', await createKey())).statusCode).toBe(200);
    for (const { upload_url } of granted) await put(upload_url, png);
    expect((await ask('png')).statusCode).toBe(200);
  });

  it('end after a day when no request has used them, with their bytes, and stay when one has', async () => {
    const { clock, folder, store, submit } = app.current;
    const [unused, used, mask] = [await grant('png'), await grant('png'), await grant('png')];
    await put(unused.upload_url, png);
    await put(used.upload_url, other);
    await put(mask.upload_url, await sharp(other).ensureAlpha(0).png().toBuffer());
    const payload = { prompt: 'a', image: used.public_url, mask: mask.public_url };
    expect((await submit(payload)).statusCode).toBe(200);
    const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
    const sweep = async () => {
      const sweeper = createUploadSweeper({ uploads: store.uploads, media, clock, logger: createLogger('silent') });
      await sweeper.start();
      await sweeper.stop();
    };
    expect((await get(`${unused.public_url}/thumbnail`)).statusCode).toBe(200);
    clock.advance(24 * 3_600_000 - 1);
    await sweep();
    expect((await get(unused.public_url)).statusCode).toBe(200);
    clock.advance(1);
    await sweep();
    const urls = [unused.public_url, `${unused.public_url}/thumbnail`, used.public_url, mask.public_url];
    expect((await Promise.all(urls.map(get))).map(({ statusCode }) => statusCode)).toEqual([404, 404, 200, 200]);
  });

  it('are refused, as inline pictures are, to a key that fills the disk, while others go on', async () => {
    const { upload_url } = await grant('png');
    const inline = { prompt: 'a', image: `data:image/png;base64,${png.toString('base64')}` };
    app.current.share = 'This key fills the disk.';
    for (const reply of [await put(upload_url, png), await app.current.submit(inline)]) {
      expect([reply.statusCode, reply.json().code]).toEqual([503, 'overloaded']);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await app.current.submit({ prompt: 'a' })).statusCode).toBe(200);
  });
});
