import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../../../test/shared/programs.ts';
import { submitOne } from '../../contract/fixtures.ts';
import { openDatabase, openSqliteStore } from '../open-sqlite-store.ts';

const child = await findProgram('submit-until-killed');

describe('SQLite under kill -9', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-crash-'));
    file = join(folder, 'darkroom.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /**
   * Kills the child once it has printed this many characters, which may be anywhere in its work; returns the ids that it printed.
   */
  async function submitUntilKilled(afterChars: number, disk = 'fast'): Promise<readonly string[]> {
    const submitter = spawn(process.execPath, [child, file, disk], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    submitter.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (printed.length >= afterChars) submitter.kill('SIGKILL');
    });
    await once(submitter, 'close');
    return printed.split('\n').slice(0, -1);
  }

  it('keeps every request whose submit was answered (promise 1), and with it its event and its news for webhooks', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 6; round++) {
      acknowledged.push(...(await submitUntilKilled(1 + Math.floor(Math.random() * 20_000))));
    }
    // Between a commit and the end of its flush.
    for (let round = 0; round < 2; round++) {
      acknowledged.push(...(await submitUntilKilled(1 + Math.floor(Math.random() * 1_000), 'slow')));
    }
    const store = openSqliteStore({ file });
    const found = await Promise.all(acknowledged.map((id) => store.requests.find('org-a', id)));
    expect(acknowledged.length).toBeGreaterThan(8);
    expect(found.filter((request) => request?.status !== 'queued')).toEqual([]);
    const { total } = await store.requests.list({ organizationId: 'org-a', limit: 1 });
    await store.close();
    const db = openDatabase(file);
    const countRows = (table: string) => db.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows'];
    expect(['requests', 'events', 'webhook_news'].map(countRows)).toEqual([total, total, total]);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    db.close();
  });

  it('takes writes of two processes at the same time on one file', async () => {
    const store = openSqliteStore({ file });
    const counts = await Promise.all([submitUntilKilled(5_000), submitUntilKilled(5_000)]);
    const page = await store.requests.list({ organizationId: 'org-a', limit: 1 });
    expect(page.total).toBeGreaterThanOrEqual(counts.flat().length);
    await store.close();
  });

  it('never brings back a request that was said not to exist, when a COMMIT was cut off before it became visible', async () => {
    const store = openSqliteStore({ file });
    await submitOne(store.requests);
    // Another process writes its whole transaction into the log, and is killed before the others can see it.
    const twin = await copyDatabase(folder, 'twin');
    const other = openSqliteStore({ file: join(twin, 'darkroom.db') });
    const cutOff = await submitOne(other.requests);
    await cp(join(twin, 'darkroom.db-wal'), `${file}-wal`);
    await other.close();
    expect(await store.requests.exists(cutOff)).toBe(false);
    // Then all are killed: the next process finds what is in the log, and nothing else.
    const left = await copyDatabase(folder, 'left');
    await store.close();
    const next = openSqliteStore({ file: join(left, 'darkroom.db') });
    expect(await next.requests.exists(cutOff)).toBe(false);
    await next.close();
  });
});

/** A copy in a separate folder, as a killed process leaves the file. */
async function copyDatabase(folder: string, name: string): Promise<string> {
  const copy = join(folder, name);
  await mkdir(copy);
  for (const each of ['darkroom.db', 'darkroom.db-wal']) await cp(join(folder, each), join(copy, each));
  return copy;
}

/** Copies in another process: a process that closes a file of SQLite's gives up its own locks on it. */
async function cp(from: string, to: string): Promise<void> {
  await once(spawn('cp', [from, to]), 'close');
}
