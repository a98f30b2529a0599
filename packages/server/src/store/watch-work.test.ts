import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { beginOne, claimMany, submitOne, successOutcome } from './contract/fixtures.ts';
import type { Store } from './store.ts';
import { type WatchedWork, watchWork } from './watch-work.ts';

describe('the health of work', () => {
  let folder: string;
  let opened: Store;
  let clock: ManualClock;
  let work: WatchedWork;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-work-'));
    opened = openNewStore(join(folder, 'darkroom.db'));
    clock = new ManualClock();
    work = watchWork(opened.requests, clock);
  });
  afterEach(async () => {
    await opened.close();
    await rm(folder, { recursive: true });
  });

  function change(sql: string): void {
    const db = new DatabaseSync(join(folder, 'darkroom.db'));
    db.exec(sql);
    db.close();
  }

  const refuse = "CREATE TRIGGER refusal BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'refused'); END";

  it('reports that claims fail, since when and why, once they have failed for some seconds, until one works', async () => {
    for (let i = 0; i < 9; i++) await submitOne(work.store);
    change(refuse);
    await expect(claimMany(work.store, 1)).rejects.toThrow('refused');
    await work.check();
    const since = new Date(clock.now()).toISOString();
    clock.advance(5_000);
    await expect(claimMany(work.store, 1)).rejects.toThrow('refused');
    await expect(work.check()).rejects.toThrow(`Claims have failed since ${since}: refused`);
    change('DROP TRIGGER refusal');
    await submitOne(work.store);
    expect(await claimMany(work.store, 1)).toHaveLength(1);
    await work.check();
  });

  it('reports that settlements fail, and forgets those that are no longer tried', async () => {
    const { lease } = await beginOne(work.store);
    const verdict = { kind: 'succeed', outcome: successOutcome } as const;
    const settle = () => work.store.settle({ lease, ends: [], verdict, now: clock.now() });
    await opened.close();
    await expect(settle()).rejects.toThrow('closed');
    clock.advance(5_000);
    await expect(work.check()).rejects.toThrow('Settlements have failed since');
    clock.advance(30_000);
    await work.check();
  });
});
