import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startGcsTestServer } from '../../../test/fakes/gcs-test-server.ts';
import { describeStorageDriverContract } from '../storage-driver.contract.ts';
import type { StorageDriver } from '../storage-driver.ts';
import { createGcsDriver, type GcsDriverOptions } from './gcs.ts';
import { toGcsError } from './gcs-errors.ts';

const folder = await mkdtemp(join(tmpdir(), 'darkroom-gcs-test-'));
const server = await startGcsTestServer({ pageSize: 7 });
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const keyFile = join(folder, 'key.json');
await writeFile(keyFile, JSON.stringify({ type: 'service_account', ...server.credentials }));
vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', keyFile);

let prefixes = 0;

function toOptions(prefix: string): GcsDriverOptions {
  return { bucket: server.bucket, prefix, endpoint: server.url };
}

describeStorageDriverContract('Google Cloud Storage', async () => createGcsDriver(toOptions(`contract/${++prefixes}`)));

describe('the driver of Google Cloud Storage', () => {
  let driver: StorageDriver;
  let prefix: string;
  let large: string;
  let source: string;

  beforeAll(async () => {
    source = join(folder, 'source');
    large = join(folder, 'large');
    await writeFile(source, 'bytes');
    await writeFile(large, randomBytes(20 * 1024 * 1024));
  });

  beforeEach(() => {
    prefix = `own/${++prefixes}`;
    driver = createGcsDriver(toOptions(prefix));
    server.calls.length = 0;
  });

  const options = { contentType: 'image/png', cacheControl: 'public, max-age=31536000, immutable' };

  async function read(key: string): Promise<Buffer | undefined> {
    const object = await driver.read(key);
    return object && buffer(object.stream);
  }

  it('tells the bucket the type of the object, how long it may be cached, and its checksum', async () => {
    for (const [key, path] of [
      ['a/b', source],
      ['a/large', large],
    ] as const) {
      await driver.write(key, path, options);
      const metadata = server.metadataOf(`${prefix}/${key}`);
      expect(metadata).toMatchObject({ ...options, md5Hash: expect.any(String) });
    }
  });

  it('retries, with the whole file, what the bucket refuses for a moment', async () => {
    for (const path of [source, large]) {
      server.failures.push({ status: 503, message: 'Slow down' });
      await driver.write('a/b', path, options);
    }
    server.failures.push({ status: 503, message: 'Slow down' });
    expect((await read('a/b'))?.length).toBe(20 * 1024 * 1024);
  });

  it('keeps to its prefix', async () => {
    await driver.write('a/b', source, options);
    expect(await Array.fromAsync(createGcsDriver(toOptions(`${prefix}0`)).list(''))).toEqual([]);
    expect(await Array.fromAsync(createGcsDriver(toOptions('')).list(prefix))).toEqual([`${prefix}/a/b`]);
  });

  it('signs addresses that everybody can read, and for no longer than asked', async () => {
    await driver.write('a/b', source, options);
    const url = (await driver.links?.signRead('a/b', 60)) ?? '';
    const answer = await fetch(url, { headers: { range: 'bytes=1-2' } });
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([206, 'yt', 'image/png']);
    expect((await fetch(url.replace('X-Goog-Expires=60', 'X-Goog-Expires=9999'))).status).toBe(403);
    expect((await fetch(url.replace('a/b', 'a/c'))).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });

  it('signs addresses at which everybody can store an object of one type', async () => {
    const url = (await driver.links?.signWrite('a/b', { contentType: 'image/png', seconds: 60 })) ?? '';
    const put = (type: string) => fetch(url, { method: 'PUT', body: 'theirs', headers: { 'content-type': type } });
    expect((await put('text/html')).status).toBe(403);
    expect((await put('image/png')).status).toBe(200);
    expect(String(await read('a/b'))).toBe('theirs');
  });

  it('names its objects as Google does', () => {
    expect(driver.links?.toUri?.('a/b.png')).toBe(`gs://${server.bucket}/${prefix}/a/b.png`);
  });

  it('leaves nothing behind after its check', async () => {
    await driver.check();
    expect(server.metadataOf(`${prefix}/~probe`)).toBeUndefined();
  });

  it.each([
    [404, 'The specified bucket does not exist.', 'There is no bucket pictures-of-darkroom'],
    [403, 'x does not have storage.objects.create access.', 'grant them roles/storage.objectUser'],
    [401, 'Invalid Credentials', 'does not accept the credentials'],
    [400, 'Something new', 'Something new'],
  ])('says at its check what to do about %i %s', async (status, message, advice) => {
    server.failures.push({ status, message });
    await expect(driver.check()).rejects.toThrow(advice);
  });

  it('says what to do when a read is refused, and that a missing bucket is missing', async () => {
    server.failures.push({ status: 403, message: 'no storage.objects.get access' });
    await expect(driver.read('a/b')).rejects.toThrow('grant them roles/storage.objectUser');
    const other = createGcsDriver({ ...toOptions(''), bucket: 'another' });
    await expect(other.read('a/b')).rejects.toThrow('There is no bucket another');
    await expect(other.stat('a/b')).rejects.toThrow('There is no bucket another');
  });

  it('says when nothing answers at the endpoint', async () => {
    const nowhere = createGcsDriver({ ...toOptions(''), endpoint: 'http://127.0.0.1:1' });
    await expect(nowhere.read('a/b')).rejects.toThrow('http://127.0.0.1:1 cannot be reached (ECONNREFUSED)');
  });

  it.each([
    ['Could not load the default credentials. Browse to …', 'set GOOGLE_APPLICATION_CREDENTIALS'],
    ['Cannot sign data without `client_email`.', 'roles/iam.serviceAccountTokenCreator'],
  ])('says what to do when Google says %j', (message, advice) => {
    expect(toGcsError(new Error(message), { bucket: 'pictures' }).message).toContain(advice);
  });

  it('does not cut off other readers when one goes away', async () => {
    await driver.write('a/large', large, options);
    const kept = await driver.read('a/large');
    for (let index = 0; index < 20; index += 1) (await driver.read('a/large'))?.stream.destroy();
    expect((kept && (await buffer(kept.stream)))?.length).toBe(kept?.bytes);
  });
});
