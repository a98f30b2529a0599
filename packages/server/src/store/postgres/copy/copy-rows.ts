import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { type Cell, type CopiedTable, markName, type Row, type RowCopier } from '../../copy/row-copier.ts';
import type { Session } from '../database/session.ts';
import { toPlaces, toStatement, type Value } from '../database/statement.ts';
import { openMigrated } from '../open-postgres-store.ts';
import { readMark } from './copy-mark.ts';

/*
 * Copies of whole stores, for `darkroom copy`: reads and writes complete tables, and marks the target until the copy is finished.
 */

export interface PostgresCopierOptions {
  readonly url: string;
  readonly clock?: Clock;
  readonly logger: Logger;
}

const deleteMark = toStatement('DELETE FROM secrets WHERE name = $1');
const insertMark = toStatement(
  'INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
);
/** Connections of a Darkroom have a name; behind a pooler no connection has one. */
const countOthers = toStatement<{ readonly others: number }>(
  `SELECT count(*)::int AS others FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'darkroom' AND pid <> pg_backend_pid()`,
);
const moveEvents = toStatement(
  'UPDATE event_counter SET last_seq = greatest(last_seq, (SELECT coalesce(max(seq), 0) FROM events))',
);
const moveDeliveries = toStatement(
  `SELECT setval(pg_get_serial_sequence('webhook_deliveries', 'number'), coalesce(max(number), 0) + 1, false)
  FROM webhook_deliveries`,
);

const moveAudit = toStatement(
  `SELECT setval(pg_get_serial_sequence('audit', 'seq'), coalesce(max(seq), 0) + 1, false) FROM audit`,
);

/** Uses one connection. Rejects as `openMigrated` does. */
export async function openPostgresCopier(options: PostgresCopierOptions): Promise<RowCopier> {
  const { db } = await openMigrated({ ...options, maxConnections: 1 });
  /** Whole tables take longer than a statement is usually allowed to. */
  const patiently = <T>(work: (session: Session) => Promise<T>) =>
    db.transaction(async (session) => {
      await session.script('SET LOCAL statement_timeout = 0');
      return work(session);
    });
  const all = async (text: string, values: readonly Value[] = []) => {
    const rows = await patiently((session) =>
      session.all(toStatement<Readonly<Record<string, unknown>>>(text), ...values),
    );
    return rows.map((row) => Object.values(row).map(toCell));
  };
  return {
    read: (table, { after, limit }) => all(toSelect(table, after), [...(after ?? []), limit]),
    write: async (table, rows) => {
      await patiently((session) => session.run(toStatement(toInsert(table)), ...toValues(table, rows)));
    },
    lastKey: async (table) =>
      (
        await all(`SELECT ${table.key.join(', ')} FROM ${table.name} WHERE ${toGuard(table)}
          ORDER BY ${table.key.map((name) => `${name} DESC`).join(', ')} LIMIT 1`)
      )[0],
    count: async (table) =>
      Number((await all(`SELECT count(*) AS count FROM ${table.name} WHERE ${toGuard(table)}`))[0]?.[0] ?? 0),
    clear: async (table) => {
      await patiently((session) => session.run(toStatement(`DELETE FROM ${table.name} WHERE ${toGuard(table)}`)));
    },
    continueNumbers: () =>
      patiently(async (session) => {
        await session.run(moveEvents);
        await session.all(moveDeliveries);
        await session.all(moveAudit);
      }),
    readMark: () => readMark(db),
    writeMark: async (mark) => {
      await (mark === undefined ? db.run(deleteMark, markName) : db.run(insertMark, markName, mark));
    },
    isServed: async () => ((await db.get(countOthers))?.others ?? 0) > 0,
    close: () => db.close(),
  };
}

function toCell(value: unknown): Cell {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

function toSelect(table: CopiedTable, after: Row | undefined): string {
  const { name, columns, key } = table;
  const beyond = after ? `AND (${key.join(', ')}) > (${toPlaces(key)})` : '';
  return `SELECT ${Object.keys(columns).join(', ')} FROM ${name} WHERE ${toGuard(table)} ${beyond}
    ORDER BY ${key.join(', ')} LIMIT $${(after?.length ?? 0) + 1}`;
}

const types = { text: 'text', number: 'bigint', flag: 'boolean' } as const;

/** Differs from the twin because the code of a failure is a column that is written; SQLite computes it from the outcome. */
function toInsert({ name, columns }: CopiedTable): string {
  const all = Object.entries(name === 'requests' ? { ...columns, failure_code: 'text' as const } : columns);
  const names = all.map(([column]) => column).join(', ');
  return `INSERT INTO ${name} (${names}) SELECT * FROM unnest(${all.map(([, kind], index) => `$${index + 1}::${types[kind]}[]`).join(', ')})`;
}

/** One array for each column. */
function toValues({ name, columns }: CopiedTable, rows: readonly Row[]): readonly Value[] {
  const kinds = Object.values(columns);
  const values = kinds.map((kind, index) => rows.map((row) => toValue(row[index] ?? null, kind === 'flag')));
  if (name !== 'requests') return values;
  const names = Object.keys(columns);
  const [status, outcome] = [names.indexOf('status'), names.indexOf('outcome')];
  return [...values, rows.map((row) => (row[status] === 'failed' ? toFailureCode(row[outcome] ?? null) : null))];
}

function toValue(cell: Cell, isFlag: boolean): Cell | boolean {
  return isFlag ? cell === 1 : cell;
}

/** Reads the outcome of a failed request, which Darkroom wrote itself. */
function toFailureCode(outcome: Cell): string {
  return JSON.parse(String(outcome)).failure.code;
}

function toGuard({ name }: CopiedTable): string {
  return name === 'secrets' ? `name <> '${markName}'` : 'true';
}
