import { describe, expect, it } from 'vitest';
import type { StoredPicture } from '../core/stored-picture.ts';
import { examinePictures } from './examine-pictures.ts';
import { toPictureKey } from './picture-name.ts';

const facts = { format: 'png', bytes: 100, sha256: 'ab'.repeat(32), width: 8, height: 8 } as const;
const toName = (index: number) => `${String(index).padStart(32, '0')}.png`;
const pictures: readonly StoredPicture[] = Array.from({ length: 1_000 }, (_, index) => ({
  ...facts,
  name: toName(index),
  ...(index % 10 === 0 && { originalKey: `originals/${index}`, otherKeys: [`originals/${index}`] }),
}));

/** A storage that has of each picture what `change` returns; `ended` is an upload that expired after it was listed. */
async function examine(change: (key: string) => number | undefined, { most = 5_000, ended = '' } = {}) {
  const pages: number[] = [];
  const progress: number[] = [];
  const examined = await examinePictures({
    store: {
      findPicture: async (name) => (name === ended ? undefined : pictures.find((picture) => picture.name === name)),
      listPictures: async ({ after = '', limit }) => {
        pages.push(limit);
        return pictures.filter(({ name }) => name > after).slice(0, limit);
      },
    },
    media: { measure: async (key) => change(key), openObject: async () => undefined },
    readsBytes: false,
    most,
    onProgress: (count) => progress.push(count),
  });
  return { examined, pages, progress };
}

describe('examinePictures', () => {
  it('finds missing and cut-off pictures and originals, a limited batch at a time, and reports progress', async () => {
    const sizes = new Map<string, number | undefined>([
      [toPictureKey(toName(3)), undefined],
      [toPictureKey(toName(700)), 99],
      ['originals/20', undefined],
      ['originals/990', 0],
    ]);
    const { examined, pages, progress } = await examine((key) => (sizes.has(key) ? sizes.get(key) : 100));
    expect(examined).toMatchObject({
      examined: 1_000,
      isAll: true,
      missing: { count: 2, names: [toName(3), toName(20)] },
      cut: { count: 2, names: [toName(700), toName(990)] },
    });
    expect(Math.max(...pages)).toBeLessThanOrEqual(256);
    expect(progress).toEqual([256, 512, 768, 1_000]);
  });

  it('does not miss an upload that has expired since it was listed', async () => {
    const ended = toName(5);
    const lost = (key: string) => (key === toPictureKey(ended) ? undefined : 100);
    expect((await examine(lost, { ended })).examined.missing.count).toBe(0);
    expect((await examine(lost)).examined.missing.count).toBe(1);
  });

  it('names a few when all are lost', async () => {
    const { examined } = await examine(() => undefined);
    expect(examined.missing).toMatchObject({ count: 1_000, names: { length: 5 } });
  });

  it('checks no more than the limit, and says so', async () => {
    expect((await examine(() => 100, { most: 300 })).examined).toMatchObject({ examined: 300, isAll: false });
    expect((await examine(() => 100, { most: 1_000 })).examined).toMatchObject({ examined: 1_000, isAll: true });
  });
});
