import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoints } from './checkpoints.ts';
import { GroupCommit } from './group-commit.ts';
import { ReadTurn } from './read-turn.ts';
import { WalFile } from './wal-file.ts';

const kilobyte = 1_000;

describe('checkpoints', () => {
  let folder: string;
  let file: string;
  let db: DatabaseSync;
  let log: WalFile;
  let reads: ReadTurn;
  let commits: GroupCommit;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-checkpoints-'));
    file = join(folder, 'test.db');
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0');
    db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, blob BLOB)');
    reads = new ReadTurn({ reader: new DatabaseSync(file), writer: db }, () => undefined);
    log = new WalFile(file);
    // The real log, which counts as long after 200 KB.
    const short = { isLongerThan: () => log.isLongerThan(200 * kilobyte), isSound: true };
    const checkpoints = new Checkpoints({ database: file, log: short });
    commits = new GroupCommit(db, { reads, log, checkpoints });
  });
  afterEach(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  async function close(): Promise<void> {
    if (!db.isOpen) return;
    await commits.close();
    reads.close();
    log.close();
    db.close();
  }

  const write = () => commits.write(() => db.exec('INSERT INTO rows (blob) VALUES (randomblob(50000))'));
  const logBytes = () => statSync(`${file}-wal`).size;
  const countRows = (connection: DatabaseSync) =>
    Number(connection.prepare('SELECT count(*) AS rows FROM rows').get()?.['rows']);

  /** Writes until the log begins again; returns the number of writes. */
  async function writeUntilRestart(): Promise<number> {
    for (let writes = 1; writes < 2_000; writes++) {
      const before = log.isLongerThan(200 * kilobyte);
      await write();
      if (before && !log.isLongerThan(200 * kilobyte)) return writes;
    }
    throw new Error('The log never began again.');
  }

  it('let the log begin again under constant load, while readers go on, and lose nothing', async () => {
    const reader = setInterval(() => reads.read(() => countRows(reads.db)), 1);
    let writes = 0;
    for (let times = 0; times < 3; times++) writes += await writeUntilRestart();
    clearInterval(reader);
    expect(reads.read(() => countRows(reads.db))).toBe(writes);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  it('end with the last connection, which leaves no log behind', async () => {
    await writeUntilRestart();
    const last = write();
    await close();
    await last;
    expect(existsSync(`${file}-wal`)).toBe(false);
    const next = new DatabaseSync(file);
    expect(countRows(next)).toBeGreaterThan(1);
    next.close();
  });

  it('that another process holds up stop no write, and the log waits', async () => {
    await write();
    const other = new DatabaseSync(file);
    other.exec('BEGIN');
    expect(countRows(other)).toBe(1);
    for (let writes = 0; writes < 40; writes++) await write();
    expect(logBytes()).toBeGreaterThan(40 * 50 * kilobyte);
    expect(countRows(other)).toBe(1);
    other.close();
  });
});
