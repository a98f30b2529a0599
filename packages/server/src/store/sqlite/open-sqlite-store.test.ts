import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimMany, claimOne, start, submitOne, successOutcome } from '../contract/fixtures.ts';
import { SchemaTooNewError, StoreUnusableError, UnfinishedCopyError } from '../store-errors.ts';
import { openSqliteCopier } from './copy/copy-rows.ts';
import { migrations } from './database/migrations.ts';
import { openDatabase, openSqliteStore } from './open-sqlite-store.ts';

describe('opening the SQLite store', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-open-'));
    file = join(folder, 'data', 'darkroom.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The error of opening the file. */
  function openError(path = file): unknown {
    try {
      openDatabase(path).close();
    } catch (error) {
      return error;
    }
    return undefined;
  }

  it('creates the file and its folder when they are missing', async () => {
    const store = openSqliteStore({ file });
    await store.requests.check();
    await store.close();
  });

  it('flushes every commit to the disk: WAL with synchronous FULL', () => {
    const db = openDatabase(file);
    const pragma = (name: string) => db.prepare(`PRAGMA ${name}`).get()?.[name];
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1]);
    db.close();
  });

  it('refuses a newer schema by name and does not touch it', async () => {
    const newer = openDatabase(file);
    newer.exec(`PRAGMA user_version = ${migrations.length + 1}; PRAGMA wal_checkpoint(TRUNCATE)`);
    newer.close();
    const before = await readFile(file);
    const error = openError();
    expect(error).toBeInstanceOf(SchemaTooNewError);
    expect(String(error)).toContain(
      `The database ${file} has schema ${migrations.length + 1}, made by a newer Darkroom; this one knows up to ${migrations.length}. Start the newer version, or restore a backup.`,
    );
    expect(await readFile(file)).toEqual(before);
  });

  it('refuses an unfinished copy, and opens it when it is finished', async () => {
    const copier = openSqliteCopier({ file, isServed: async () => false });
    await copier.writeMark('source');
    expect(() => openSqliteStore({ file })).toThrow(UnfinishedCopyError);
    expect(() => openSqliteStore({ file })).toThrow(
      `${file} is an unfinished copy of another Darkroom. Start the same`,
    );
    await copier.writeMark(undefined);
    await copier.close();
    await openSqliteStore({ file }).close();
  });

  it('opens one file from several stores at the same time, and migrates it once', async () => {
    const stores = [openSqliteStore({ file }), openSqliteStore({ file }), openSqliteStore({ file })];
    await Promise.all(stores.map((store) => submitOne(store.requests)));
    expect((await stores[0]?.requests.list({ organizationId: 'org-a', limit: 9 }))?.total).toBe(3);
    for (const store of stores) await store.close();
  });

  it('names a damaged file and what to do about it', async () => {
    openDatabase(file).close();
    await writeFile(file, 'These are the minutes of the annual meeting. '.repeat(200));
    const error = openError();
    expect(error).toBeInstanceOf(StoreUnusableError);
    expect(String(error)).toContain(`The file ${file} is damaged or is not a database. Restore a backup`);
  });

  it('names a path that cannot be a database and what to do about it', () => {
    for (const path of [folder, '/dev/null/darkroom.db']) {
      const error = openError(path);
      expect(error).toBeInstanceOf(StoreUnusableError);
      expect(String(error)).toContain(`The database ${path} cannot be opened. Check that its folder exists`);
      expect(error).toHaveProperty('cause');
    }
  });

  it('keeps the counts of the lanes right when rows are deleted', async () => {
    const store = openSqliteStore({ file });
    await submitOne(store.requests);
    const { lease } = await claimOne(store.requests);
    const verdict = { kind: 'succeed', outcome: successOutcome } as const;
    await store.requests.settle({ lease, ends: [], verdict, now: start });
    await submitOne(store.requests);
    const db = openDatabase(file);
    db.exec('DELETE FROM requests');
    db.close();
    expect((await store.requests.list({ organizationId: 'org-a', limit: 9 })).total).toBe(0);
    expect(await claimMany(store.requests, 1)).toEqual([]);
    await store.close();
  });
});
