import { describe, expect, it } from 'vitest';
import type { NewUpload, UploadStore } from '../upload-store.ts';
import { start, submitOne, toNewRequest } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const mega = 2 ** 20;
const limits = { ofKey: 20 * mega, ofOrganization: 50 * mega };
const endsAt = start + 60_000;

function toUpload(changes: Partial<NewUpload> = {}): NewUpload {
  return {
    name: 'one.png',
    organizationId: 'org-a',
    apiKeyId: 'key-1',
    via: 'service',
    bytes: 7 * mega,
    endsAt,
    ...changes,
  };
}

const toContent = (changes: Partial<Parameters<UploadStore['take']>[1]> = {}) => ({
  bytes: mega,
  sha256: 'aa',
  endsAt: start + 3_600_000,
  ...changes,
});

/** How many more addresses of a megabyte the key gets before it is refused. */
async function countRoom(uploads: UploadStore, changes: Partial<NewUpload> = {}): Promise<number> {
  for (let count = 0; ; count += 1) {
    const name = `room-${count}-${JSON.stringify(changes)}.png`;
    if (await uploads.grant(toUpload({ ...changes, name, bytes: mega }), limits)) return count;
  }
}

const claim = (uploads: UploadStore, now: number, limit = 99) => uploads.claimEnded({ now, limit, leaseMs: 1_000 });

export function describeUploads(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('uploads', () => {
    it('belong to the first bytes that arrive, at whatever process, and to the same bytes again', async () => {
      const { uploads } = test.current;
      const { uploads: other } = await test.current.connect();
      await uploads.grant(toUpload(), limits);
      const contents = Array.from({ length: 12 }, (_, index) => toContent({ sha256: `hash-${index % 6}` }));
      const taken = await Promise.all(
        contents.map((content, index) => (index % 2 ? uploads : other).take('one.png', content)),
      );
      const winners = contents.filter((_, index) => taken[index] === 'taken').map(({ sha256 }) => sha256);
      expect(winners).toHaveLength(2);
      expect(new Set(winners).size).toBe(1);
      expect(taken.filter((result) => result === 'conflict')).toHaveLength(10);
      expect(await other.take('one.png', toContent({ sha256: winners[0] ?? '' }))).toBe('taken');
    });

    it('have the owner to whom the address was given, and none without an address', async () => {
      const { uploads } = test.current;
      await uploads.grant(toUpload(), limits);
      expect(await uploads.findOwner('one.png')).toEqual({ organizationId: 'org-a', apiKeyId: 'key-1' });
      expect(await uploads.findOwner('two.png')).toBeUndefined();
      expect(await uploads.take('two.png', toContent())).toBe('missing');
      await uploads.grant(toUpload({ name: 'bucket.png', via: 'bucket' }), limits);
      expect(await uploads.take('bucket.png', toContent())).toBe('missing');
    });

    it('count for their key and their organization: first with the announced size, then with the real one', async () => {
      const { uploads } = test.current;
      expect(await uploads.grant(toUpload(), limits)).toBeUndefined();
      expect(await uploads.grant(toUpload({ name: 'two.png' }), limits)).toBeUndefined();
      expect(await uploads.grant(toUpload({ name: 'three.png' }), limits)).toBe('key');
      expect(await uploads.findOwner('three.png')).toBeUndefined();
      await uploads.take('one.png', toContent());
      await uploads.take('one.png', toContent());
      expect(await countRoom(uploads)).toBe(20 - 1 - 7);
      expect(await countRoom(uploads, { apiKeyId: 'key-2' })).toBe(20);
      expect(await countRoom(uploads, { apiKeyId: 'key-3' })).toBe(10);
      expect(await countRoom(uploads, { apiKeyId: 'key-4' })).toBe(0);
      expect(await countRoom(uploads, { apiKeyId: 'key-4', organizationId: 'org-b' })).toBe(20);
    });

    it('count exactly when many addresses are requested at the same time', async () => {
      const { uploads } = test.current;
      const { uploads: other } = await test.current.connect();
      const granted = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 ? uploads : other).grant(toUpload({ name: `${index}.png`, bytes: mega }), limits),
        ),
      );
      expect(granted.filter(Boolean)).toHaveLength(20);
    });

    it('that a request uses no longer count and stay, even when they arrive only afterwards', async () => {
      const { store, uploads } = test.current;
      for (const name of ['come.png', 'late.png']) await uploads.grant(toUpload({ name }), limits);
      await uploads.grant(toUpload({ name: 'bucket.png', via: 'bucket', bytes: 6 * mega }), limits);
      await uploads.take('come.png', toContent());
      await submitOne(store, { uses: ['come.png', 'late.png', 'bucket.png', 'generated.png'] });
      await submitOne(store, { uses: ['come.png', 'bucket.png'] });
      expect(await countRoom(uploads, { endsAt: start + 9_999_999 })).toBe(20 - 7);
      expect(await uploads.take('late.png', toContent())).toBe('taken');
      expect(await countRoom(uploads, { apiKeyId: 'key-1', endsAt: start + 9_999_998 })).toBe(7);
      expect(await claim(uploads, start + 9_000_000)).toEqual([]);
      expect(await uploads.take('come.png', toContent({ sha256: 'other' }))).toBe('conflict');
    });

    it('are not used by a request that was refused', async () => {
      const { store, uploads } = test.current;
      await uploads.grant(toUpload(), limits);
      await uploads.take('one.png', toContent());
      expect(await store.submit(toNewRequest({ maxQueued: 0, uses: ['one.png'] }))).toMatchObject({
        kind: 'queue-full',
      });
      expect(await claim(uploads, start + 3_600_000)).toEqual(['one.png']);
    });

    it('that no request uses end at their time, a few at a time, each given to one process, and count until they are removed', async () => {
      const { store, uploads } = test.current;
      const { uploads: other } = await test.current.connect();
      for (let index = 0; index < 10; index += 1)
        await uploads.grant(toUpload({ name: `${index}.png`, bytes: 2 * mega }), limits);
      for (let index = 0; index < 5; index += 1) await uploads.take(`${index}.png`, toContent({ bytes: 2 * mega }));
      expect(await claim(uploads, endsAt - 1)).toEqual([]);
      const abandoned = await Promise.all([claim(uploads, endsAt, 3), claim(other, endsAt, 3)]);
      expect(abandoned.flat().sort()).toEqual(['5.png', '6.png', '7.png', '8.png', '9.png']);
      expect(await uploads.take('5.png', toContent())).toBe('missing');
      expect(await countRoom(uploads)).toBe(0);
      await uploads.forget(abandoned.flat());
      await other.forget(abandoned.flat());
      expect(await countRoom(uploads)).toBe(10);
      const ended = await claim(uploads, start + 3_600_000);
      expect(ended).toEqual(expect.arrayContaining(['0.png', '1.png', '2.png', '3.png', '4.png']));
      await submitOne(store, { uses: ['0.png'] });
      expect(await claim(other, start + 3_600_999)).toEqual([]);
      // The process that was to remove it was killed.
      expect(await claim(other, start + 3_601_000)).toContain('0.png');
    });

    it('are not forgotten before their time is over', async () => {
      const { uploads } = test.current;
      await uploads.grant(toUpload(), limits);
      await uploads.forget(['one.png']);
      expect(await uploads.findOwner('one.png')).toBeDefined();
    });
  });
}
