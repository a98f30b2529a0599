import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/** What a soak reads of a database, past the service. */
export interface SoakDatabase {
  /** On the disk. */
  readonly bytes: () => Promise<number>;
  readonly countRows: (table: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Everything that belongs to a request, and what is left of removed ones. */
export const requestTables = [
  'requests',
  'payloads',
  'attempts',
  'pictures',
  'picture_hashes',
  'sent_pictures',
  'picture_uses',
  'events',
  'webhook_news',
  'webhook_deliveries',
  'open_calls',
  'tombstones',
  'removed_media',
] as const;

export function openSoakFile(file: string): SoakDatabase {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
  const size = (name: string) => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return {
    bytes: async () => size(file) + size(`${file}-wal`),
    countRows: async (table) => Number(db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']),
    close: async () => db.close(),
  };
}

export async function openSoakDatabase(connectionString: string): Promise<SoakDatabase> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const ask = async (sql: string) => Number((await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0]);
  return {
    bytes: () => ask('SELECT pg_database_size(current_database())'),
    countRows: (table) => ask(`SELECT count(*) FROM ${table}`),
    close: () => client.end(),
  };
}
