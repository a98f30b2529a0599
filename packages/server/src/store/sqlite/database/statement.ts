import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { toStorableNumber, toStorableText } from '../../rows/storable.ts';

/** A prepared statement whose rows have the shape `Row`. */
export interface Query<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): readonly Row[];
}

/** A prepared statement that returns no rows; `run` returns how many it changed. */
export interface Command {
  run(...values: SQLInputValue[]): number;
}

/** Every value goes through `toStorable`, here and in `prepareCommand`, and nowhere else. */
export function prepareQuery<Row>(db: DatabaseSync, sql: string): Query<Row> {
  const statement = db.prepare(sql);
  const mayReadAgain = /^\s*(SELECT|WITH)\b/i.test(sql);
  const read = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      if (!mayReadAgain || !isOutOfRange(error)) throw error;
      return readLargeNumbers(statement, work);
    }
  };
  return {
    // True because every table is STRICT: a column holds the type that the migration states, and `Row` repeats it.
    get: (...values) => read(() => statement.get(...toStorable(values))) as Row | undefined,
    all: (...values) => read(() => statement.all(...toStorable(values))) as readonly unknown[] as readonly Row[],
  };
}

export function prepareCommand(db: DatabaseSync, sql: string): Command {
  const statement = db.prepare(sql);
  return { run: (...values) => Number(statement.run(...toStorable(values)).changes) };
}

/** `?, ?, ?`: a place for the value of each column. */
export function toPlaces(columns: readonly string[]): string {
  return columns.map(() => '?').join(', ');
}

/** In place, and without an iterator: a claim passes some twenty values for each request. */
function toStorable(values: SQLInputValue[]): SQLInputValue[] {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === 'string') values[index] = toStorableText(value);
    else if (typeof value === 'number') values[index] = toStorableNumber(value);
  }
  return values;
}

/** The driver refuses to read integers beyond those that are safe in JavaScript. */
function isOutOfRange(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE';
}

/** Reads again, since one number that is too large must not hide the rows next to it. It becomes the nearest safe integer. */
function readLargeNumbers<Result>(statement: StatementSync, work: () => Result): Result {
  statement.setReadBigInts(true);
  try {
    const result = work();
    for (const row of [result].flat()) if (typeof row === 'object' && row !== null) toPlainNumbers(row);
    return result;
  } finally {
    statement.setReadBigInts(false);
  }
}

function toPlainNumbers(row: object): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === 'bigint') Reflect.set(row, column, Number(value));
  }
}
