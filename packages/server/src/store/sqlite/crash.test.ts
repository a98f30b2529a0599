import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, openSqliteStore } from './open-sqlite-store.ts';

const child = fileURLToPath(new URL('submit-until-killed.ts', import.meta.url));

describe('SQLite under kill -9', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-crash-'));
    file = join(folder, 'darkroom.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Kills the child once it has printed so many characters, which is anywhere in its work; gives the ids it printed. */
  async function submitUntilKilled(afterChars: number): Promise<readonly string[]> {
    const submitter = spawn(process.execPath, [child, file], { stdio: ['ignore', 'pipe', 'inherit'] });
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
    for (let round = 0; round < 8; round++) {
      acknowledged.push(...(await submitUntilKilled(1 + Math.floor(Math.random() * 20_000))));
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

  it('takes writes of two processes at once on one file', async () => {
    const store = openSqliteStore({ file });
    const counts = await Promise.all([submitUntilKilled(5_000), submitUntilKilled(5_000)]);
    const page = await store.requests.list({ organizationId: 'org-a', limit: 1 });
    expect(page.total).toBeGreaterThanOrEqual(counts.flat().length);
    await store.close();
  });
});
