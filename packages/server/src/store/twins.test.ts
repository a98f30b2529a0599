import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Files that only one of the stores has, and why. A reader who knows one twin finds everything else of the other at the same
 * path.
 */
const onlyInSqlite: Readonly<Record<string, string>> = {
  'copy/snapshot.ts': 'PostgreSQL is backed up by its own tools.',
  'database/check-pages.ts': 'The pages are in a file that this process can check.',
  'database/checkpoint-thread.ts': 'A file has checkpoints, which run beside the event loop.',
  'database/checkpoints.ts': 'A file has checkpoints, which run beside the event loop.',
  'database/group-commit.ts':
    'Writes run one after the other, and those of a turn of the event loop share a flush to the disk.',
  'database/lazy-database.ts': 'Statements are prepared in this process; PostgreSQL prepares them on each connection.',
  'database/read-turn.ts': 'Reads run in this process, and those of a turn share a transaction.',
  'database/wal-file.ts': 'The log is flushed beside the event loop; a server does that by itself.',
  'requests/pass-over.ts': 'A walk over an offset would hold up the event loop, so it goes in pieces.',
  'requests/recent-requests.ts':
    'The file tells whether another process has written, so what was read last can be kept.',
};
const onlyInPostgres: Readonly<Record<string, string>> = {
  'claims/lock-lanes.ts': 'Writers run concurrently, and lock the lanes in which triggers count.',
  'claims/waiting-lines.ts':
    'A claim reads the first requests of all lanes at once, since each statement is a round trip.',
  'database/advisory-locks.ts': 'Claims, rescues, webhooks and migrations of several processes follow one another.',
  'database/batch.ts': 'Writes of the same kind share a transaction, since each statement is a round trip.',
  'database/connection-settings.ts': 'A server is reached by a URL.',
  'database/database.ts': 'Connections are taken from a pool, and transactions are tried again.',
  'database/outage.ts': 'The server may be away.',
  'database/server-time.ts': 'The server has its own clock.',
  'database/session.ts': 'A statement runs on one of several connections.',
  'events/notifications.ts': 'Hints reach other machines.',
  'requests/lock-requests.ts': 'Writers run concurrently, and lock the requests that they change.',
};

const twins = ['sqlite', 'postgres'] as const;
type Twin = (typeof twins)[number];

/** The code of a twin, by paths in which its own name is left out. */
function listFiles(twin: Twin): readonly string[] {
  return readdirSync(path.join(import.meta.dirname, twin), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.replace(twin, '…'));
}

interface Export {
  readonly name: string;
  readonly file: string;
}

function listExports(): readonly Export[] {
  const pattern = /^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm;
  return readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(path.join(import.meta.dirname, file), 'utf8').matchAll(pattern)].map(([, name = '']) => ({
        name,
        // Twins share the meaning of a name at the same path.
        file: file.replace(/^(sqlite|postgres)\//, '…/'),
      })),
    );
}

describe('the stores of SQLite and PostgreSQL', () => {
  it('have the same files, but for those that the tables name', () => {
    const [sqlite, postgres] = twins.map((twin) => listFiles(twin));
    const only = (files: readonly string[] = [], others: readonly string[] = []) =>
      files.filter((file) => !others.includes(file)).sort();
    expect(only(sqlite, postgres)).toEqual(Object.keys(onlyInSqlite));
    expect(only(postgres, sqlite)).toEqual(Object.keys(onlyInPostgres));
    expect(sqlite?.length).toBeGreaterThan(40);
  });

  it('give every exported name one meaning', () => {
    const files = Map.groupBy(listExports(), ({ name }) => name);
    const shared = [...files].filter(([, all]) => new Set(all.map(({ file }) => file)).size > 1);
    expect(shared.map(([name, all]) => `${name}: ${all.map(({ file }) => file).join(', ')}`)).toEqual([]);
  });
});
