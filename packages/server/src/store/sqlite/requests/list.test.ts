import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimMany, submitOne } from '../../contract/fixtures.ts';
import type { Store } from '../../store.ts';
import { openSqliteStore } from '../open-sqlite-store.ts';

describe('a deep offset', () => {
  let folder: string;
  let opened: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-list-'));
    opened = openSqliteStore({ file: join(folder, 'darkroom.db') });
  });
  afterEach(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });

  it('is walked in pieces, over all models and statuses, with the same result as a walk from the first', async () => {
    const store = opened.requests;
    const ids: string[] = [];
    for (const model of ['model-1', 'model-2', 'model-3']) {
      ids.push(...(await Promise.all(Array.from({ length: 4_200 }, () => submitOne(store, { model })))));
    }
    await claimMany(store, 500);
    ids.sort().reverse();
    const list = async (offset: number) => {
      const { requests, nextCursor, total } = await store.list({ organizationId: 'org-a', limit: 2, offset });
      expect(total).toBe(ids.length);
      return [requests.map(({ id }) => id), nextCursor];
    };
    for (const offset of [0, 1, 4_999, 5_000, 5_001, 10_000, 12_597])
      expect(await list(offset)).toEqual([ids.slice(offset, offset + 2), ids[offset + 1]]);
    expect(await list(12_598)).toEqual([ids.slice(12_598), undefined]);
    for (const offset of [12_600, 1_000_000_000]) expect(await list(offset)).toEqual([[], undefined]);

    let isOver = false;
    const listed = list(12_000).then(() => {
      isOver = true;
    });
    let turns = 0;
    for (; !isOver; turns += 1) await setImmediate();
    await listed;
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});
