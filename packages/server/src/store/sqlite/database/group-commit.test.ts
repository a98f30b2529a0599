import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../../store-errors.ts';
import { GroupCommit } from './group-commit.ts';
import { ReadTurn } from './read-turn.ts';

/** A real database that counts its commits. */
class CountingDatabase extends DatabaseSync {
  commits = 0;
  override exec(sql: string): void {
    super.exec(sql);
    if (sql === 'COMMIT') this.commits += 1;
  }
}

describe('group commit', () => {
  let folder: string;
  let db: CountingDatabase;
  let commits: GroupCommit;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-commit-'));
    db = new CountingDatabase(join(folder, 'test.db'), { timeout: 50 });
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE parents (id INTEGER PRIMARY KEY, blob BLOB)');
    db.exec('CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)');
    commits = new GroupCommit(db, new ReadTurn(db, () => undefined));
  });
  afterEach(async () => {
    commits.close();
    db.close();
    await rm(folder, { recursive: true });
  });

  const insert = (id: number) =>
    commits.write(() => Number(db.prepare('INSERT INTO parents (id) VALUES (?)').run(id).changes));
  const ids = () =>
    db
      .prepare('SELECT id FROM parents ORDER BY id')
      .all()
      .map((row) => row['id']);

  it('shares one commit among the writes of one turn of the event loop', async () => {
    expect(await Promise.all([insert(1), insert(2), insert(3)])).toEqual([1, 1, 1]);
    expect(db.commits).toBe(1);
    await insert(4);
    expect(db.commits).toBe(2);
  });

  it('reports no write before its commit has succeeded', async () => {
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
    const other = new DatabaseSync(join(folder, 'test.db'));
    other.exec('BEGIN IMMEDIATE');
    await expect(insert(1)).rejects.toThrow(StoreUnavailableError);
    other.exec('ROLLBACK');
    other.close();
    await insert(2);
    expect(ids()).toEqual([2]);
  });
});
