import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** A prepared statement whose rows have the shape `Row`. */
export interface Query<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): readonly Row[];
}

/** A prepared statement that gives no rows back; `run` tells how many it changed. */
export interface Command {
  run(...values: SQLInputValue[]): number;
}

export function prepareQuery<Row>(db: DatabaseSync, sql: string): Query<Row> {
  const statement = db.prepare(sql);
  return {
    // True because every table is STRICT: a column holds the type that the migration says, and `Row` repeats it.
    get: (...values) => statement.get(...values) as Row | undefined,
    all: (...values) => statement.all(...values) as readonly unknown[] as readonly Row[],
  };
}

export function prepareCommand(db: DatabaseSync, sql: string): Command {
  const statement = db.prepare(sql);
  return { run: (...values) => Number(statement.run(...values).changes) };
}
