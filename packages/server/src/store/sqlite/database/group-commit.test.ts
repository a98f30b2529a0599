import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '../../store-errors.ts';
import { GroupCommit } from './group-commit.ts';
import { ReadTurn } from './read-turn.ts';
import { WalFile } from './wal-file.ts';

/** A real database that counts its commits. */
class CountingDatabase extends DatabaseSync {
  commits = 0;
  override exec(sql: string): void {
    super.exec(sql);
    if (sql === 'COMMIT') this.commits += 1;
  }
}

/** The real log of a disk that can be slow or fail. */
class TroubledLog {
  readonly #log: WalFile;
  /** What a flush waits for, or fails with. */
  before: () => Promise<void> = async () => undefined;
  flushes = 0;
  repairs = 0;
  #isSound = true;

  constructor(log: WalFile) {
    this.#log = log;
  }

  async flush(): Promise<void> {
    this.#isSound = false;
    await this.before();
    await this.#log.flush();
    this.#isSound = true;
    this.flushes += 1;
  }

  repair(): void {
    if (!this.#isSound) this.repairs += 1;
    this.#log.repair();
  }
}

let folder: string;
let file: string;
let db: CountingDatabase;
let log: WalFile;
let disk: TroubledLog;
let reads: ReadTurn;
let commits: GroupCommit;
let surprises: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'darkroom-commit-'));
  file = join(folder, 'test.db');
  db = new CountingDatabase(file, { timeout: 50 });
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE parents (id INTEGER PRIMARY KEY, blob BLOB)');
  db.exec('CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)');
  db.exec('PRAGMA synchronous = NORMAL');
  surprises = 0;
  reads = new ReadTurn({ reader: new DatabaseSync(file), writer: db }, () => {
    surprises += 1;
  });
  log = new WalFile(file);
  disk = new TroubledLog(log);
  commits = new GroupCommit(db, { reads, log: disk });
});
afterEach(async () => {
  await commits.close();
  reads.close();
  log.close();
  db.close();
  await rm(folder, { recursive: true });
});

const insert = (id: number) =>
  commits.write(() => Number(db.prepare('INSERT INTO parents (id) VALUES (?)').run(id).changes));
const idsOf = (connection: DatabaseSync) =>
  connection
    .prepare('SELECT id FROM parents ORDER BY id')
    .all()
    .map((row) => row['id']);
const ids = () => idsOf(db);
/** What readers of this process see. */
const readIds = () => reads.read(() => idsOf(reads.db));

describe('group commit', () => {
  it('shares one commit among the writes of one turn of the event loop', async () => {
    expect(await Promise.all([insert(1), insert(2), insert(3)])).toEqual([1, 1, 1]);
    expect(db.commits).toBe(1);
    await insert(4);
    expect(db.commits).toBe(2);
  });

  it('tells nobody before the commit has succeeded', async () => {
    let committedWhenTold = -1;
    const told = insert(1).then(() => {
      committedWhenTold = db.commits;
    });
    expect(db.commits).toBe(0);
    await told;
    expect(committedWhenTold).toBe(1);
  });

  it('bounds a group, and commits the rest in later turns', async () => {
    await Promise.all(Array.from({ length: 600 }, (_, id) => insert(id)));
    expect(db.commits).toBe(3);
    expect(ids()).toHaveLength(600);
  });

  it('rejects only the write that throws, and undoes all of its statements', async () => {
    const halfway = commits.write(() => {
      db.exec('INSERT INTO parents (id) VALUES (8)');
      throw new Error('halfway');
    });
    const results = await Promise.allSettled([insert(1), insert(1), halfway, insert(2)]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(ids()).toEqual([1, 2]);
  });

  it('rejects all and keeps nothing when the commit fails', async () => {
    const orphan = commits.write(() => db.exec('INSERT INTO children (parent) VALUES (99)'));
    const results = await Promise.allSettled([insert(1), orphan, insert(2)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(ids()).toEqual([]);
    await insert(3);
    expect(ids()).toEqual([3]);
  });

  it('reports no write as kept that a full disk has undone, and goes on when there is space', async () => {
    db.exec('PRAGMA max_page_count = 8');
    const large = () => commits.write(() => db.exec('INSERT INTO parents (blob) VALUES (zeroblob(100000))'));
    const [first, second] = await Promise.allSettled([insert(1), large()]);
    expect(second.status).toBe('rejected');
    expect(ids()).toEqual(first.status === 'fulfilled' ? [1] : []);
    db.exec('PRAGMA max_page_count = 1000');
    await large();
    expect(db.isTransaction).toBe(false);
  });

  it('rejects the group when another process keeps the database locked, and keeps nothing of it', async () => {
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(insert(1)).rejects.toThrow(StoreUnavailableError);
    other.exec('ROLLBACK');
    other.close();
    await insert(2);
    expect(ids()).toEqual([2]);
    expect(readIds()).toEqual([2]);
  });

  it('commits what waits when it is closed, and refuses what comes later', async () => {
    const last = insert(1);
    await commits.close();
    expect(await last).toBe(1);
    await expect(insert(2)).rejects.toThrow('The store is closed.');
  });
});

describe('a commit that a slow disk flushes', () => {
  /** The next flush waits until the returned function is called. */
  function slow(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    disk.before = () => promise;
    return resolve;
  }

  it('is neither told nor read before the flush has ended, and the event loop goes on', async () => {
    await insert(1);
    const end = slow();
    let isTold = false;
    const write = insert(2).then(() => {
      isTold = true;
    });
    for (let turn = 0; turn < 20; turn++) {
      await nextTurn();
      expect(readIds()).toEqual([1]);
    }
    expect([db.commits, isTold, ids()]).toEqual([2, false, [1, 2]]);
    end();
    await write;
    expect(readIds()).toEqual([1, 2]);
  });

  it('collects the writes that arrive meanwhile in one group', async () => {
    const end = slow();
    const writes = [insert(1)];
    for (let id = 2; id < 9; id++) {
      await nextTurn();
      writes.push(insert(id));
    }
    end();
    await Promise.all(writes);
    expect([db.commits, disk.flushes]).toEqual([2, 2]);
  });

  it('runs what follows a kept write before any reader sees it', async () => {
    const seen: unknown[] = [];
    await commits.write(
      () => db.exec('INSERT INTO parents (id) VALUES (7)'),
      () => seen.push(readIds()),
    );
    expect(seen).toEqual([[7]]);
  });

  it('is not flushed when nobody has written, and is when another process has', async () => {
    await insert(1);
    const look = () => commits.write(() => ids().length);
    expect([await look(), disk.flushes]).toEqual([1, 1]);
    const other = new DatabaseSync(file);
    other.exec('INSERT INTO parents (id) VALUES (2)');
    other.close();
    expect([await look(), disk.flushes]).toEqual([2, 2]);
  });
});

describe('a flush that fails', () => {
  const fail = () => {
    disk.before = async () => {
      throw new OutcomeUnknownError('EIO');
    };
  };
  const heal = () => {
    disk.before = async () => undefined;
  };

  it('rejects the group, and nobody reads it until the log is written again and flushed', async () => {
    await insert(1);
    readIds();
    fail();
    await expect(insert(2)).rejects.toThrow(OutcomeUnknownError);
    await expect(insert(3)).rejects.toThrow(OutcomeUnknownError);
    expect(readIds()).toEqual([1]);
    heal();
    const before = surprises;
    await insert(4);
    expect(readIds()).toEqual([1, 2, 3, 4]);
    expect(disk.repairs).toBe(2);
    // What was read before may be out of date, although nobody was told.
    expect(surprises).toBe(before + 1);
  });

  it('is repaired and flushed even by a write that changes nothing', async () => {
    fail();
    await expect(insert(1)).rejects.toThrow(OutcomeUnknownError);
    heal();
    await commits.write(() => undefined);
    expect([disk.repairs, readIds()]).toEqual([1, [1]]);
  });
});

describe('writes of other processes', () => {
  it('are noticed in the turn that sees them, and those of this process are not', async () => {
    for (const id of [1, 2, 3]) {
      await insert(id);
      readIds();
    }
    // The first two turns cannot know what was written before.
    expect(surprises).toBe(2);
    const other = new DatabaseSync(file);
    other.exec('INSERT INTO parents (id) VALUES (4)');
    other.close();
    await insert(5);
    expect(readIds()).toEqual([1, 2, 3, 4, 5]);
    // In the turn that saw it, and in the one after that.
    expect(surprises).toBe(4);
  });
});
