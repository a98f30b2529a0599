import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Writable } from 'node:stream';
import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeServer, type Server } from '../src/compose.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { drawPlain } from './draw-plain.ts';
import { darkroom } from './run-here.ts';

/** What happens to a service whose files are damaged: real bytes of real files are overwritten. */

const pageBytes = 4_096;
const requests = 60;

let dataDir: string;
let lines: string[];
let server: Server;
let client: Darkroom;
let admin: DarkroomAdmin;

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'darkroom-damage-'));
  lines = [];
  await start();
});
afterEach(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const flags = { PORT: '0', DARKROOM_DATA_DIR: dataDir, DARKROOM_CONCURRENCY: '16' };
  const log = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  server = await composeServer(loadConfig({ env: {}, flags, folder: dataDir }), pino(log), { illustrate: drawPlain });
  await server.start();
  const given = { baseUrl: server.url, apiKey: (await readFile(path.join(dataDir, 'api-key'), 'utf8')).trim() };
  client = new Darkroom(given);
  admin = new DarkroomAdmin(given);
}

/** Overwrites leaf pages of a table or an index in the file of the stopped service. */
async function damage(name: string, isMeant: (index: number) => boolean): Promise<void> {
  const file = path.join(dataDir, 'darkroom.db');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const pages = db.prepare(`SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path`).all(name);
  db.close();
  const handle = await open(file, 'r+');
  for (const [index, { pageno }] of pages.entries())
    if (isMeant(index))
      await handle.write(Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, (Number(pageno) - 1) * pageBytes);
  await handle.close();
}

async function submitWaiting(): Promise<readonly string[]> {
  await admin.pause({ kind: 'upstream', name: 'sandbox' });
  const submits = Array.from({ length: requests }, (_, index) =>
    client.submit({ payload: { prompt: `kite ${index} [[sandbox size=64x64]]` } }),
  );
  return (await Promise.all(submits)).map(({ request_id }) => request_id);
}

interface Answer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly error?: string };
}

const address = (id: string) => `${server.url}/api/v1/ie/requestqueue/apikey/requests/${id}`;

async function read(id: string): Promise<Answer> {
  const key = (await readFile(path.join(dataDir, 'api-key'), 'utf8')).trim();
  const response = await fetch(address(id), { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as Answer['body'] }; // as every answer of the queue's wire
}

async function readDamage(): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(`${server.url}/readyz`);
  const { damage: met } = (await response.json()) as { readonly damage: Readonly<Record<string, number>> }; // as its routes say
  expect(response.status).toBe(200);
  return met;
}

describe('a service whose database file is damaged', { timeout: 120_000 }, () => {
  it.each(['requests', 'payloads'])(
    'in %s: names it, answers 500 data_damaged for what is on the page, counts it, and answers for all other requests',
    async (table) => {
      const ids = await submitWaiting();
      await server.stop();
      await damage(table, (index) => index === 0);
      await start();
      const answers = await Promise.all(ids.map(async (id) => ({ id, ...(await read(id)) })));
      const ill = answers.filter(({ status }) => status !== 200);
      expect(ill.length).toBeGreaterThan(0);
      expect(ill.length).toBeLessThan(ids.length / 2);
      for (const { status, body } of ill) {
        expect([status, body.code]).toEqual([500, 'data_damaged']);
        expect(body.error).toMatch(/restore the database from a backup/);
      }
      const backup = await darkroom(['backup', path.join(dataDir, 'backups'), '--data-dir', dataDir]);
      expect([backup.code, backup.errors]).toEqual([
        1,
        expect.stringContaining('is damaged, so it cannot be backed up'),
      ]);
      expect((await readDamage())['database']).toBeGreaterThan(0);
      expect(lines.join('')).toMatch(new RegExp(`"event":"store.damaged","tables":"[^"]*${table}`));
      await client.submit({ payload: { prompt: 'a kite that came later' } });
      await admin.resume({ kind: 'upstream', name: 'sandbox' });
      // A write next to a damaged page of requests may have to move rows of it, so only new ones are sure to be kept.
      const well = table === 'requests' ? [] : answers.filter(({ status }) => status === 200).slice(0, 12);
      for (const { id } of well) expect((await client.wait(id)).status).toBe('success');
    },
  );

  it('in the ledger: the requests that it concerns say so, and new ones are made', async () => {
    const ids = await submitWaiting();
    await admin.resume({ kind: 'upstream', name: 'sandbox' });
    await Promise.all(ids.map((id) => client.wait(id)));
    await server.stop();
    await damage('attempts', (index) => index === 1);
    await start();
    const answers = await Promise.all(ids.map(read));
    expect(answers.every(({ status, body }) => status === 200 || body.code === 'data_damaged')).toBe(true);
    for (let index = 0; index < 3; index++) {
      const { request_id } = await client.submit({ payload: { prompt: `owl ${index} [[sandbox size=64x64]]` } });
      expect((await client.wait(request_id)).status).toBe('success');
    }
    const verified = await darkroom(['verify', '--fast', '--json', '--data-dir', dataDir]);

    expect([verified.code, JSON.parse(verified.output).database.length > 0]).toEqual([1, true]);
  });
});
