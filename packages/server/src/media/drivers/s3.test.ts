import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type S3TestServer, startS3TestServer } from '../../../test/fakes/s3-test-server.ts';
import { describeStorageDriverContract } from '../storage-driver.contract.ts';
import type { StorageDriver } from '../storage-driver.ts';
import { createS3Driver } from './s3.ts';
import type { S3DriverOptions } from './s3-client.ts';

const folder = await mkdtemp(join(tmpdir(), 'darkroom-s3-test-'));
const server = await startS3TestServer({ pageSize: 7 });
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

vi.stubEnv('AWS_ACCESS_KEY_ID', server.credentials.accessKeyId);
vi.stubEnv('AWS_SECRET_ACCESS_KEY', server.credentials.secretAccessKey);

let prefixes = 0;

function toOptions({ url: endpoint, bucket }: S3TestServer, prefix: string): S3DriverOptions {
  return { bucket, prefix, endpoint, forcePathStyle: true };
}

describeStorageDriverContract('S3', async () => createS3Driver(toOptions(server, `contract/${++prefixes}`)));

describe('the S3 driver', () => {
  let driver: StorageDriver;
  let prefix: string;
  let large: string;
  let source: string;

  beforeAll(async () => {
    source = join(folder, 'source');
    large = join(folder, 'large');
    await writeFile(source, 'bytes');
    await writeFile(large, randomBytes(33 * 1024 * 1024));
  });

  beforeEach(() => {
    prefix = `own/${++prefixes}`;
    driver = createS3Driver(toOptions(server, prefix));
    server.calls.length = 0;
  });

  const options = { contentType: 'image/png', cacheControl: 'public, max-age=31536000, immutable' };

  async function read(key: string): Promise<Buffer | undefined> {
    const object = await driver.read(key);
    return object && buffer(object.stream);
  }

  it('tells the bucket the type of the object and how long it may be cached', async () => {
    await driver.write('a/b', source, options);
    await driver.write('a/large', large, options);
    for (const key of ['a/b', 'a/large'])
      expect(server.headersOf(`${prefix}/${key}`)).toEqual({
        'content-type': 'image/png',
        'cache-control': options.cacheControl,
      });
  });

  it('sends a large file in parts, and leaves none of them behind when it fails', async () => {
    await driver.write('a/large', large, options);
    expect(server.calls.filter((call) => call.includes('partNumber='))).toHaveLength(3);
    server.calls.length = 0;
    const other = driver.write('a/other', large, options);
    await waitFor(() => server.uploads.size === 1);
    server.failures.push(...Array.from({ length: 3 }, () => ({ status: 503, code: 'SlowDown' })));
    await expect(other).rejects.toThrow('SlowDown');
    expect(server.uploads.size).toBe(0);
    expect(await driver.stat('a/other')).toBeUndefined();
  });

  it('retries, with the whole file, what the bucket refuses for a moment', async () => {
    server.failures.push({ status: 503, code: 'SlowDown' }, { status: 500, code: 'InternalError' });
    await driver.write('a/b', source, options);
    expect(String(await read('a/b'))).toBe('bytes');
    expect(server.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(3);
  });

  it('removes, together with an object, the parts that a killed process has left of it, and of no other', async () => {
    const { S3Client, CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
    const client = new S3Client({ endpoint: server.url, forcePathStyle: true, region: 'us-east-1' });
    for (const key of ['a/b', 'a/b-longer'])
      await client.send(new CreateMultipartUploadCommand({ Bucket: server.bucket, Key: `${prefix}/${key}` }));
    expect(await driver.delete('a/b')).toBe(false);
    expect([...server.uploads.values()].map(({ key }) => key)).toEqual([`${prefix}/a/b-longer`]);
    expect(await driver.delete('a/b-longer')).toBe(false);
    client.destroy();
  });

  it('keeps to its prefix', async () => {
    await driver.write('a/b', source, options);
    const outside = createS3Driver(toOptions(server, `${prefix}0`));
    expect(await Array.fromAsync(outside.list(''))).toEqual([]);
    expect(await Array.fromAsync(createS3Driver(toOptions(server, '')).list(prefix))).toEqual([`${prefix}/a/b`]);
  });

  it('signs addresses that everybody can read, and for no longer than asked', async () => {
    await driver.write('a/b', source, options);
    const url = (await driver.links?.signRead('a/b', 60)) ?? '';
    const answer = await fetch(url, { headers: { range: 'bytes=1-2' } });
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([206, 'yt', 'image/png']);
    expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=9999'))).status).toBe(403);
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

  it('has no name in a cloud', () => {
    expect(driver.links?.toUri).toBeUndefined();
  });

  it('leaves nothing behind after its check', async () => {
    await driver.check();
    expect(server.headersOf(`${prefix}/~probe`)).toEqual({});
  });

  it.each([
    [404, 'NoSuchBucket', '', 'There is no bucket pictures-of-darkroom'],
    [403, 'AccessDenied', '', 'allow them s3:PutObject'],
    [403, 'InvalidAccessKeyId', '', 'set the right AWS_ACCESS_KEY_ID'],
    [
      400,
      'AuthorizationHeaderMalformed',
      '<Region>eu-central-1</Region>',
      'set region=eu-central-1 in DARKROOM_STORAGE.',
    ],
    [301, 'PermanentRedirect', '', 'is not in this region: set its region in DARKROOM_STORAGE.'],
    [403, 'RequestTimeTooSkewed', '', 'clock is wrong'],
    [400, 'SomethingNew', '', 'SomethingNew'],
  ])('says at its check what to do about %i %s', async (status, code, detail, advice) => {
    server.failures.push({ status, code, detail });
    await expect(driver.check()).rejects.toThrow(advice);
  });

  it('says when nothing answers at the endpoint', async () => {
    const nowhere = createS3Driver({ ...toOptions(server, ''), endpoint: 'http://127.0.0.1:1' });
    await expect(nowhere.check()).rejects.toThrow('http://127.0.0.1:1 cannot be reached (ECONNREFUSED)');
  });

  it('does not cut off other readers when one goes away', async () => {
    await driver.write('a/large', large, options);
    const kept = await driver.read('a/large');
    expect(kept?.bytes).toBe(33 * 1024 * 1024);
    for (let index = 0; index < 20; index += 1) (await driver.read('a/large'))?.stream.destroy();
    expect((kept && (await buffer(kept.stream)))?.length).toBe(kept?.bytes);
  });
});

async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
