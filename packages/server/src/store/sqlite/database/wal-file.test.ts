import fs, { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError } from '../../store-errors.ts';
import { WalFile } from './wal-file.ts';

const frameBytes = 24 + 4_096;

function replaceFlush(flush: typeof fs.fdatasync): void {
  fs.fdatasync = flush;
  syncBuiltinESMExports();
}

describe('the log', () => {
  let folder: string;
  let file: string;
  let db: DatabaseSync;
  let log: WalFile;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'darkroom-log-'));
    file = join(folder, 'test.db');
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE rows (blob BLOB)');
    log = new WalFile(file);
  });
  afterEach(() => {
    log.close();
    db.close();
    rmSync(folder, { recursive: true });
  });

  const write = (bytes: number) => db.exec(`INSERT INTO rows VALUES (zeroblob(${bytes}))`);
  const checkpoint = () => Object.values(db.prepare('PRAGMA wal_checkpoint').get() ?? {});

  it('tells how much it holds since it began again, not how long its file is', () => {
    write(100_000);
    expect([log.isLongerThan(100_000), log.isLongerThan(1_000_000)]).toEqual([true, false]);
    expect(checkpoint()[0]).toBe(0);
    write(1);
    expect(readFileSync(`${file}-wal`).length).toBeGreaterThan(100_000);
    expect([log.isLongerThan(0), log.isLongerThan(100_000)]).toEqual([true, false]);
  });

  it('fails a flush that the system refuses, and is then written again as it is', async () => {
    write(3_000_000);
    const before = readFileSync(`${file}-wal`);
    const { fdatasync } = fs;
    const refuse = (_: number, callback: fs.NoParamCallback) => callback(new Error('EIO'));
    replaceFlush(Object.assign(refuse, { __promisify__: fdatasync.__promisify__ }));
    await expect(log.flush()).rejects.toThrow(OutcomeUnknownError);
    replaceFlush(fdatasync);
    expect(log.isSound).toBe(false);
    log.repair();
    expect(log.isSound).toBe(true);
    await log.flush();
    expect(readFileSync(`${file}-wal`).equals(before)).toBe(true);
  });

  /** What a power failure between a commit and its flush may leave: the database, and any part of the log. */
  it.each([0, 1, frameBytes - 1, frameBytes, 2 * frameBytes + 100])(
    'that lost its last %i bytes has each commit wholly or not, and the flushed ones for certain',
    async (lost) => {
      write(10);
      await log.flush();
      const flushed = readFileSync(`${file}-wal`).length;
      write(20);
      write(30_000);
      const all = readFileSync(`${file}-wal`);
      const twin = join(folder, 'twin.db');
      copyFileSync(file, twin);
      const handle = openSync(`${twin}-wal`, 'w');
      writeSync(handle, all.subarray(0, all.length - lost));
      if (lost > 1) writeSync(handle, Buffer.alloc(lost));
      closeSync(handle);
      const next = new DatabaseSync(twin);
      const left = next.prepare('SELECT length(blob) AS bytes FROM rows').all();
      expect(next.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      next.close();
      expect(left.map(({ bytes }) => bytes)).toEqual([10, 20, 30_000].slice(0, lost === 0 ? 3 : 2));
      expect(all.length - lost).toBeGreaterThan(flushed);
    },
  );
});
