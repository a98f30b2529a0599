import { describe, expect, it } from 'vitest';
import { createRequestId } from '../../platform/ids.ts';
import { beginOne, picture, start, submitOne, toCallEnd, toNewRequest } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

/** What a process asks that cleans up after processes that died. */
export function describeLookups(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('exists', () => {
    it('knows every kept request, whatever its organization, and no other', async () => {
      const { store } = test.current;
      const id = await submitOne(store, { organizationId: 'org-b' });
      expect(await store.exists(id)).toBe(true);
      expect(await store.exists(createRequestId())).toBe(false);
    });
  });

  describe('hasAnswer', () => {
    it('knows calls whose answer was recorded, and no others', async () => {
      const { store } = test.current;
      const { lease } = await beginOne(store, [0, 1]);
      const { requestId, attempt } = lease;
      const has = (imageIndex: number) => store.hasAnswer({ requestId, attempt, imageIndex });
      expect(await has(0)).toBe(false);
      const answer = { parts: [{ kind: 'picture', picture }] } as const;
      const refused = toCallEnd({ imageIndex: 1, result: 'failed', costMicros: 0 });
      await store.endCalls(lease, [toCallEnd({ answer }), refused]);
      expect(await Promise.all([has(0), has(1), has(2)])).toEqual([true, false, false]);
      expect(await store.hasAnswer({ requestId, attempt: attempt + 1, imageIndex: 0 })).toBe(false);
    });
  });
  describe('pictures', () => {
    it('are found by their name, whatever their organization, and listed in the order of names', async () => {
      const { store } = test.current;
      const names = ['b.png', 'a.png', 'c.png'];
      for (const name of names) {
        const { lease } = await beginOne(store);
        const parts = [{ kind: 'picture', picture: { ...picture, name } }] as const;
        await store.endCalls(lease, [toCallEnd({ answer: { parts } })]);
      }
      expect(await store.findPicture('b.png')).toEqual({ ...picture, name: 'b.png' });
      expect(await store.findPicture('d.png')).toBeUndefined();
      const namesOf = (pictures: readonly { readonly name: string }[]) => pictures.map(({ name }) => name);
      expect(namesOf(await store.listPictures({ limit: 2 }))).toEqual(['a.png', 'b.png']);
      expect(namesOf(await store.listPictures({ after: 'b.png', limit: 2 }))).toEqual(['c.png']);
      expect(await store.listPictures({ after: 'c.png', limit: 2 })).toEqual([]);
    });

    it('are found by the hash of their bytes in their own organization, the newest first', async () => {
      const { store } = test.current;
      const keep = async (names: readonly string[], sha256: string) => {
        const { lease } = await beginOne(store);
        const parts = names.map((name) => ({ kind: 'picture', picture: { ...picture, name, sha256 } }) as const);
        await store.endCalls(lease, [toCallEnd({ answer: { parts } })]);
      };
      await keep(['a.png'], 'aa');
      await keep(['b.png'], 'bb');
      expect(await store.findPictureByHash('org-a', 'aa')).toBe('a.png');
      await keep(['c.png', 'd.png'], 'aa');
      const found = ['aa', 'bb', 'cc'].map((sha256) => store.findPictureByHash('org-a', sha256));
      expect(await Promise.all(found)).toEqual(['d.png', 'b.png', undefined]);
      expect(await store.findPictureByHash('org-b', 'aa')).toBeUndefined();
    });

    it('of the same bytes may come at the same time, in any number', async () => {
      const { store } = test.current;
      const claims = [];
      for (const _ of [1, 2, 3, 4]) claims.push(await beginOne(store));
      await Promise.all(
        claims.map(({ lease }, index) => {
          const parts = [{ kind: 'picture', picture: { ...picture, name: `${index}.png` } }] as const;
          return store.endCalls(lease, [toCallEnd({ answer: { parts } })]);
        }),
      );
      expect(await store.findPictureByHash('org-a', picture.sha256)).toMatch(/^[0-3]\.png$/);
    });

    it('that callers sent are found and listed among them: inline ones with their request, uploads once their bytes are stored', async () => {
      const { store, uploads } = test.current;
      const { lease } = await beginOne(store);
      const parts = [{ kind: 'picture', picture: { ...picture, name: 'b.png' } }] as const;
      await store.endCalls(lease, [toCallEnd({ answer: { parts } })]);
      await submitOne(store, {
        inline: [
          { path: ['image', 0], name: 'c.png', bytes: 30 },
          { path: ['image', 1], name: 'a.png', bytes: 10 },
          { path: ['image', 2], name: 'of-before.png' },
          { path: ['image', 3], name: 'b.png', bytes: picture.bytes, isKnown: true },
        ],
      });
      const inline = [{ path: ['image'], name: 'refused.png', bytes: 9 }];
      expect(await store.submit(toNewRequest({ maxQueued: 0, inline }))).toMatchObject({ kind: 'queue-full' });
      const limits = { ofKey: 1_000, ofOrganization: 1_000 };
      const owner = { organizationId: 'org-a', apiKeyId: 'key-1', via: 'service' } as const;
      await uploads.grant({ ...owner, name: 'd.png', bytes: 99, endsAt: start + 1_000 }, limits);
      await uploads.keepLength('d.png', 40);
      await uploads.keepLength('nobody-asked.png', 40);
      expect(await store.findPicture('d.png')).toBeUndefined();
      await uploads.take('d.png', { bytes: 40, sha256: 'aa', endsAt: start + 2_000 });
      for (const _again of [1, 2]) await uploads.keepLength('d.png', 40);
      expect(await store.listPictures({ limit: 9 })).toEqual([
        { name: 'a.png', bytes: 10 },
        { ...picture, name: 'b.png' },
        { name: 'c.png', bytes: 30 },
        { name: 'd.png', bytes: 40 },
      ]);
      const pages = [await store.listPictures({ limit: 2 }), await store.listPictures({ after: 'b.png', limit: 1 })];
      expect(pages.flat().map(({ name }) => name)).toEqual(['a.png', 'b.png', 'c.png']);
      expect([await store.findPicture('a.png'), await store.findPicture('d.png')]).toEqual([
        { name: 'a.png', bytes: 10 },
        { name: 'd.png', bytes: 40 },
      ]);
      expect(await store.findPicture('of-before.png')).toBeUndefined();
      expect(await store.findPicture('refused.png')).toBeUndefined();
    });

    it('that were uploaded are known until their time is over, or for good once a request uses them', async () => {
      const { store, uploads } = test.current;
      const limits = { ofKey: 1_000, ofOrganization: 1_000 };
      for (const name of ['used.png', 'unused.png']) {
        const owner = { organizationId: 'org-a', apiKeyId: 'key-1', via: 'service' } as const;
        await uploads.grant({ ...owner, name, bytes: 99, endsAt: start + 1_000 }, limits);
        await uploads.take(name, { bytes: 40, sha256: 'aa', endsAt: start + 2_000 });
        await uploads.keepLength(name, 40);
      }
      await submitOne(store, { uses: ['used.png'] });
      expect(await uploads.claimEnded({ now: start + 2_000, limit: 5, leaseMs: 1_000 })).toEqual(['unused.png']);
      await uploads.keepLength('unused.png', 40);
      expect(await store.listPictures({ limit: 5 })).toEqual([{ name: 'used.png', bytes: 40 }]);
      await uploads.forget(['unused.png']);
      expect(await store.findPicture('used.png')).toEqual({ name: 'used.png', bytes: 40 });
    });
  });
}
