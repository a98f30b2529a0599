import type { DatabaseSync } from 'node:sqlite';
import { type Cell, type CopiedTable, markName, type Row, type RowCopier } from '../../copy/row-copier.ts';
import { toPlaces } from '../database/statement.ts';
import { openDatabase } from '../open-sqlite-store.ts';
import { readMark } from './copy-mark.ts';

/*
 * Copies of whole stores, for `darkroom copy`: reads and writes complete tables, and marks the target until the copy is finished.
 */

export interface SqliteCopierOptions {
  readonly file: string;
  /** SQLite cannot tell whether another process has the file open; the caller, who knows the processes, can. */
  readonly isServed: () => Promise<boolean>;
}

/** Throws as `openDatabase` does. */
export function openSqliteCopier({ file, isServed }: SqliteCopierOptions): RowCopier {
  const db = openDatabase(file);
  const all = (sql: string, values: Row = []): readonly Row[] =>
    db
      .prepare(sql)
      .all(...values)
      .map((row) => Object.values(row).map(toCell));
  return {
    read: async (table, { after, limit }) => {
      const sql = `SELECT ${toColumns(table).join(', ')} FROM ${toSource(table)}
        WHERE ${toGuard(table)} ${after ? `AND (${table.key.join(', ')}) > (${toPlaces(table.key)})` : ''}
        ORDER BY ${table.key.join(', ')} LIMIT ?`;
      return all(sql, [...(after ?? []), limit]);
    },
    write: async (table, rows) => {
      const insert = db.prepare(toInsert(table));
      inTransaction(db, () => rows.forEach((row) => void insert.run(...row)));
    },
    lastKey: async (table) =>
      all(`SELECT ${table.key.join(', ')} FROM ${toSource(table)} WHERE ${toGuard(table)}
        ORDER BY ${table.key.map((name) => `${name} DESC`).join(', ')} LIMIT 1`)[0],
    count: async (table) => Number(all(`SELECT count(*) FROM ${toSource(table)} WHERE ${toGuard(table)}`)[0]?.[0] ?? 0),
    clear: async (table) => void db.prepare(`DELETE FROM ${table.name} WHERE ${toGuard(table)}`).run(),
    // Rows that were written with their numbers have already advanced both counters.
    continueNumbers: async () => undefined,
    readMark: async () => readMark(db),
    writeMark: async (mark) => {
      if (mark === undefined) db.prepare('DELETE FROM secrets WHERE name = ?').run(markName);
      else db.prepare('INSERT OR REPLACE INTO secrets (name, value) VALUES (?, ?)').run(markName, mark);
    },
    isServed,
    close: async () => db.close(),
  };
}

function toCell(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function toColumns(table: CopiedTable): readonly string[] {
  return Object.keys(table.columns);
}

/** Differs from the twin because a payload has its request's `seq` here, a number that is valid only in this file. */
function toSource({ name }: CopiedTable): string {
  return name === 'payloads'
    ? '(SELECT requests.id AS request_id, payload, inline, work FROM payloads JOIN requests USING (seq))'
    : name;
}

function toInsert(table: CopiedTable): string {
  if (table.name === 'payloads')
    return `INSERT INTO payloads (seq, payload, inline, work) SELECT seq, ?2, ?3, ?4 FROM requests WHERE id = ?1`;
  const columns = toColumns(table);
  return `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${toPlaces(columns)})`;
}

function toGuard({ name }: CopiedTable): string {
  return name === 'secrets' ? `name <> '${markName}'` : 'true';
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}
