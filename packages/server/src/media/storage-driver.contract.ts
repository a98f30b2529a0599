import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteRange, StorageDriver } from './storage-driver.ts';

/** The promises of `StorageDriver`, as tests. `create` returns a new, empty driver; the driver's own tests clean up after it. */
export function describeStorageDriverContract(name: string, create: () => Promise<StorageDriver>): void {
  describe(`the storage driver contract: ${name}`, () => {
    let sources: string;
    let driver: StorageDriver;

    beforeEach(async () => {
      sources = await mkdtemp(join(tmpdir(), 'darkroom-sources-'));
      driver = await create();
      await driver.check();
    });
    afterEach(() => rm(sources, { recursive: true, force: true }));

    async function makeSource(bytes: string | Buffer): Promise<string> {
      const path = join(sources, randomBytes(8).toString('hex'));
      await writeFile(path, bytes);
      return path;
    }

    async function put(key: string, bytes: string | Buffer): Promise<void> {
      await driver.write(key, await makeSource(bytes), { contentType: 'image/png' });
    }

    async function get(key: string, range?: ByteRange): Promise<Buffer | undefined> {
      const object = await driver.read(key, range);
      return object && buffer(object.stream);
    }

    async function list(prefix: string): Promise<string[]> {
      return (await Array.fromAsync(driver.list(prefix))).sort();
    }

    it('returns the bytes and the size that were written', async () => {
      const bytes = randomBytes(100_000);
      await put('pictures/ab/one.png', bytes);
      expect(await get('pictures/ab/one.png')).toEqual(bytes);
      expect((await driver.stat('pictures/ab/one.png'))?.bytes).toBe(bytes.length);
      expect(await list('')).toEqual(['pictures/ab/one.png']);
    });

    it('removes many stored objects at once, whether they exist or not', async () => {
      for (const key of ['a/1', 'a/2', 'b/1']) await put(key, key);
      await driver.deleteStored?.(['a/1', 'a/2', 'a/none']);
      expect(await list('')).toEqual(driver.deleteStored ? ['b/1'] : ['a/1', 'a/2', 'b/1']);
      await driver.deleteStored?.(['a/1']);
      await expect(driver.deleteStored?.(['../a']) ?? Promise.reject(new TypeError())).rejects.toThrow(TypeError);
    });

    it('does not change the source, and keeps the object when the source changes or disappears', async () => {
      const source = await makeSource('first');
      await driver.write('a/b', source, { contentType: 'image/png' });
      expect(await readFile(source, 'utf8')).toBe('first');
      await writeFile(source, 'other');
      expect(String(await get('a/b'))).toBe('first');
      await rm(source);
      expect(String(await get('a/b'))).toBe('first');
    });

    it('finds nothing under a key that was never written', async () => {
      await put('a/b', 'bytes');
      for (const key of ['a/c', 'a', 'a/b/c', 'd/e']) {
        expect(await driver.read(key)).toBeUndefined();
        expect(await driver.stat(key)).toBeUndefined();
      }
    });

    it('replaces an object that is written again', async () => {
      await put('a/b', 'a long first version');
      await put('a/b', 'second');
      expect(String(await get('a/b'))).toBe('second');
      expect(await list('a')).toEqual(['a/b']);
    });

    it('deletes once, and says that a missing object did not exist', async () => {
      await put('a/b', 'bytes');
      expect(await driver.delete('a/b')).toBe(true);
      expect(await driver.delete('a/b')).toBe(false);
      expect(await driver.delete('never/written')).toBe(false);
      expect(await driver.read('a/b')).toBeUndefined();
      expect(await list('')).toEqual([]);
    });

    it('keeps one whole version when many writers write the same key at the same time', async () => {
      const versions = Array.from({ length: 8 }, (_, index) => Buffer.alloc(300_000 + index, index));
      await Promise.all(versions.map((version) => put('a/b', version)));
      const kept = await get('a/b');
      expect(versions.some((version) => kept?.equals(version))).toBe(true);
      expect(await list('')).toEqual(['a/b']);
    });

    it('never shows a part of an object while it is written or replaced', async () => {
      const versions = Array.from({ length: 6 }, () => randomBytes(1_000_000));
      const whole = new Set(['missing', ...versions.map(toDigest)]);
      const seen = new Set<string>();
      let isWriting = true;
      const reading = (async () => {
        while (isWriting) seen.add(toDigest(await get('a/b')));
      })();
      for (const version of versions) await put('a/b', version);
      isWriting = false;
      await reading;
      expect([...seen].filter((digest) => !whole.has(digest))).toEqual([]);
    });

    it('leaves nothing behind when the source cannot be read', async () => {
      const write = driver.write('a/b', join(sources, 'missing'), { contentType: 'image/png' });
      await expect(write).rejects.toThrow();
      expect(await driver.stat('a/b')).toBeUndefined();
      expect(await list('')).toEqual([]);
    });

    it('reads only the bytes of a range and still reports the whole size', async () => {
      const bytes = randomBytes(200_000);
      const last = bytes.length - 1;
      await put('a/b', bytes);
      for (const [start, end] of [
        [0, 0],
        [last, last],
        [777, 777],
        [0, last],
        [65_530, 131_080],
      ] as const) {
        expect((await get('a/b', { start, end }))?.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
      const object = await driver.read('a/b', { start: 0, end: 0 });
      expect(object?.bytes).toBe(bytes.length);
      object?.stream.destroy();
    });

    it('stores an object without bytes', async () => {
      await put('a/empty', '');
      expect(await driver.stat('a/empty')).toEqual({ bytes: 0 });
      expect(await get('a/empty')).toEqual(Buffer.alloc(0));
    });

    it('streams a large object both ways in little memory', async () => {
      const source = await makeSource('');
      for (let at = 0; at < largeBytes; at += 1_000_000) await appendFile(source, randomBytes(1_000_000));
      const writing = await peakMemory(() => driver.write('a/large', source, { contentType: 'image/png' }));
      expect(writing).toBeLessThan(flatBytes);

      const before = usedMemory();
      const object = await driver.read('a/large');
      const hash = createHash('sha256');
      let reading = 0;
      let taken = 0;
      for await (const chunk of object?.stream ?? []) {
        hash.update(chunk);
        taken += chunk.length;
        if (taken < 8_000_000) continue;
        reading = Math.max(reading, usedMemory() - before);
        taken = 0;
      }
      expect(reading).toBeLessThan(flatBytes);
      const expected = createHash('sha256');
      for await (const chunk of createReadStream(source)) expected.update(chunk);
      expect(hash.digest('hex')).toBe(expected.digest('hex'));
      // Most of its time is garbage collection.
    }, 60_000);

    it.each(hostileKeys)('refuses a key with %s as a defect', async (_, key) => {
      const source = await makeSource('bytes');
      await expect(driver.write(key, source, { contentType: 'image/png' })).rejects.toThrow(TypeError);
      await expect(driver.read(key)).rejects.toThrow(TypeError);
      await expect(driver.stat(key)).rejects.toThrow(TypeError);
      await expect(driver.delete(key)).rejects.toThrow(TypeError);
      if (key !== '') await expect(list(key)).rejects.toThrow(TypeError);
      expect(await list('')).toEqual([]);
    });

    it('accepts keys as long as the rule allows, with every allowed character', async () => {
      const keys = [`${'a'.repeat(255)}/${'b'.repeat(254)}/c`, '-', '.hidden/..x', 'A-Z_0.9/--'];
      for (const key of keys) await put(key, key);
      for (const key of keys) expect(String(await get(key))).toBe(key);
      expect(await list('')).toEqual([...keys].sort());
    });

    it('lists a prefix by whole segments', async () => {
      for (const key of ['a/b/1', 'a/b/2', 'a/b/c/3', 'a/bc/4', 'd/5']) await put(key, 'bytes');
      expect(await list('a/b')).toEqual(['a/b/1', 'a/b/2', 'a/b/c/3']);
      expect(await list('a')).toEqual(['a/b/1', 'a/b/2', 'a/b/c/3', 'a/bc/4']);
      expect(await list('a/b/1')).toEqual([]);
      expect(await list('missing')).toEqual([]);
      expect(await list('')).toHaveLength(5);
    });

    it('keeps all objects that are written at the same time', async () => {
      const keys = Array.from({ length: 40 }, (_, index) => `a/${index % 7}/${index}`);
      await Promise.all(keys.map((key) => put(key, key)));
      expect(await list('a')).toEqual([...keys].sort());
    });
  });
}

const hostileKeys = [
  ['nothing in it', ''],
  ['only this folder', '.'],
  ['only the folder above', '..'],
  ['a way up', '../x'],
  ['a way up in the middle', 'a/../x'],
  ['a way up at the end', 'a/..'],
  ['a segment for this folder', './a'],
  ['an absolute path', '/etc/passwd'],
  ['an empty last segment', 'a/'],
  ['an empty segment', 'a//b'],
  ['a backslash', 'a\\b'],
  ['a way up with a backslash', '..\\x'],
  ['a drive letter', 'C:\\x'],
  ['a NUL', 'a\0b'],
  ['a space', 'a b'],
  ['an escape', 'a%2fb'],
  ['a letter beyond ASCII', 'ä'],
  ['a tilde', '~drafts/x'],
  ['a line break', 'a\n'],
  ['a segment of 256 characters', 'a'.repeat(256)],
  ['513 characters', `${'a/'.repeat(256)}a`],
] as const;

const largeBytes = 40_000_000;
/** Less than half of the object. The server of a tested bucket runs in this process, and its buffers count too. */
const flatBytes = 16_000_000;

function toDigest(bytes: Buffer | undefined): string {
  return bytes ? createHash('sha256').update(bytes).digest('hex') : 'missing';
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** The bytes in buffers that are still referenced. */
function usedMemory(): number {
  // One collection releases the buffers; the next one waits until that is done.
  for (let times = 0; times < 2; times += 1) if (typeof collectGarbage === 'function') collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

async function peakMemory(work: () => Promise<void>): Promise<number> {
  const before = usedMemory();
  let peak = 0;
  let isDone = false;
  const done = work().finally(() => {
    isDone = true;
  });
  let nextAt = 0;
  while (!isDone) {
    const now = performance.now();
    if (now >= nextAt) {
      peak = Math.max(peak, usedMemory() - before);
      // If this ran at each turn, the collections alone would take longer than the work.
      nextAt = now + 9 * (performance.now() - now);
    }
    await pause(2);
  }
  await done;
  return peak;
}
