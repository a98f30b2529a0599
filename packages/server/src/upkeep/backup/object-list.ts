import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** An object of a backup, with what its file had when it was copied. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** Where an object was seen: in the storage, or named by a row of the snapshot. */
export type Sight = 'stored' | 'named';

const sights: readonly Sight[] = ['stored', 'named'];

const pageRows = 500;

/** The objects of one backup: a database of its own, since a list in memory would grow with the pictures. */
export class ObjectList {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #page: StatementSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    this.#find = db.prepare('SELECT key, bytes, sha256 FROM objects WHERE key = ?');
    this.#page = db.prepare('SELECT key, bytes, sha256 FROM objects WHERE key > ? ORDER BY key LIMIT ?');
  }

  /** The list of a whole backup. */
  static read(file: string): ObjectList {
    return new ObjectList(new DatabaseSync(file, { readOnly: true }));
  }

  /** The list of a backup that is being taken, or goes on. What was added is kept when the process is killed. */
  static continue(file: string): WritableObjectList {
    const db = new DatabaseSync(file);
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS objects (
        key TEXT NOT NULL PRIMARY KEY, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      ${sights.map((sight) => `CREATE TEMP TABLE ${sight} (key TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;`).join('\n')}
    `);
    return new WritableObjectList(db, new ObjectList(db));
  }

  find(key: string): ListedObject | undefined {
    return this.#find.get(key) as ListedObject | undefined; // the columns of a STRICT table
  }

  /** In the order of the keys, with one page in memory. */
  *[Symbol.iterator](): Generator<ListedObject> {
    for (let after = ''; ; ) {
      const page = this.#page.all(after, pageRows) as unknown as readonly ListedObject[]; // as in `find`
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      after = last.key;
    }
  }

  sum(): { readonly count: number; readonly totalBytes: number } {
    const row = this.#db.prepare('SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM objects').get();
    return { count: Number(row?.['count']), totalBytes: Number(row?.['bytes']) };
  }

  close(): void {
    this.#db.close();
  }
}

export class WritableObjectList {
  readonly #db: DatabaseSync;
  readonly #list: ObjectList;
  readonly #see: Readonly<Record<Sight, StatementSync>>;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, list: ObjectList) {
    this.#db = db;
    this.#list = list;
    const toInsert = (sight: Sight) => db.prepare(`INSERT INTO ${sight} (key) VALUES (?) ON CONFLICT DO NOTHING`);
    this.#see = { stored: toInsert('stored'), named: toInsert('named') };
    this.#add = db.prepare('INSERT OR REPLACE INTO objects (key, bytes, sha256) VALUES (?, ?, ?)');
    this.#remove = db.prepare('DELETE FROM objects WHERE key = ?');
  }

  find(key: string): ListedObject | undefined {
    return this.#list.find(key);
  }

  add({ key, bytes, sha256 }: ListedObject): void {
    this.#add.run(key, bytes, sha256);
  }

  remove(key: string): void {
    this.#remove.run(key);
  }

  see(key: string, sight: Sight): void {
    this.#see[sight].run(key);
  }

  /** Before the storage or the rows are walked again. */
  forget(sight: Sight): void {
    this.#db.exec(`DELETE FROM temp.${sight}`);
  }

  /**
   * Objects that were removed before the snapshot: the storage no longer has them and no row names them. Others stay, named or not: some
   * are named only inside payloads.
   */
  *listRemoved(): Generator<string> {
    const page = this.#db.prepare(`
      SELECT key FROM objects
      WHERE key > ? AND key NOT IN (SELECT key FROM named) AND key NOT IN (SELECT key FROM stored)
      ORDER BY key LIMIT ?`);
    for (let after = ''; ; ) {
      const keys = page.all(after, pageRows).map(({ key }) => String(key));
      yield* keys;
      const last = keys.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }

  sum(): ReturnType<ObjectList['sum']> {
    return this.#list.sum();
  }

  /** Leaves one file, flushed. */
  close(): void {
    if (!this.#db.isOpen) return;
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE');
    this.#db.close();
  }
}
