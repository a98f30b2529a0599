import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeServer } from '../src/compose.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { theService } from '../src/core/audit.ts';
import { type MachineClock, systemClock } from '../src/platform/clock.ts';
import { createLogger } from '../src/platform/logger.ts';
import { readManifest } from '../src/upkeep/backup/manifest.ts';
import { runDarkroom } from './darkroom-process.ts';
import { drawPlain } from './draw-plain.ts';
import { darkroom } from './run-here.ts';
import { startServer, type TestServer } from './start-server.ts';

/** Objects that take a backup and a restore long enough to be killed in the middle. */
const fillers = 1_000;

let source: TestServer;
let folder: string;
const toPath = (...names: string[]) => path.join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-backup-test-'));
  source = await startServer({ DARKROOM_CONCURRENCY: '16' }, { illustrate: drawPlain });
});
afterAll(async () => {
  await source.stop();
  await rm(folder, { recursive: true, force: true });
});

const submit = (index: number) =>
  source.client.submit({
    payload: { prompt: `kite ${index} [[sandbox delay=${150 + (index % 5) * 40}ms size=64x64]]` },
  });

async function listIds(client: Darkroom, status: 'success' | 'queued' | 'processing'): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { request_id } of client.listAll({ status })) ids.push(request_id);
  return ids;
}

async function hashPicture(client: Darkroom, id: string, url: string): Promise<string> {
  const name = /\/media\/([\w-]+\.\w+)/.exec(JSON.stringify(await client.wait(id)))?.[1];
  const response = await fetch(`${url}/media/${name}`);
  return `${response.status} ${createHash('sha256')
    .update(await response.bytes())
    .digest('hex')}`;
}

/** A Darkroom in this process on a folder that was restored, a minute later: no lease of the backup is still held. */
async function serve(dataDir: string, { isHeld }: { readonly isHeld: boolean }) {
  const flags = { PORT: '0', LOG_LEVEL: 'silent', DARKROOM_DATA_DIR: dataDir, DARKROOM_CONCURRENCY: '16' };
  const server = await composeServer(loadConfig({ env: {}, flags, folder }), createLogger('silent'), {
    illustrate: drawPlain,
    clock: later,
  });
  if (isHeld) await server.hold({ actor: theService, at: later.now() });
  await server.start();
  const given = { baseUrl: server.url, apiKey: (await readFile(path.join(dataDir, 'api-key'), 'utf8')).trim() };
  return { server, client: new Darkroom(given), admin: new DarkroomAdmin(given) };
}

const later: MachineClock = { ...systemClock, now: () => systemClock.now() + 60_000 };

/** The statuses of the requests in the snapshot of the newest backup. */
async function readSnapshot(backups: string): Promise<ReadonlyMap<string, string>> {
  const newest =
    (await readdir(backups))
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1) ?? '';
  const db = new DatabaseSync(path.join(backups, newest, 'darkroom.db'), { readOnly: true });
  try {
    const rows = db.prepare('SELECT id, status FROM requests').all();
    return new Map(rows.map(({ id, status }) => [String(id), String(status)]));
  } finally {
    db.close();
  }
}

/** Kills the command when it has printed this. */
async function killAt(args: readonly string[], pattern: RegExp): Promise<void> {
  const killed = runDarkroom(args, { LOG_LEVEL: 'silent' });
  const failUnkilled = () => {
    throw new Error(`It ended before it was killed: ${killed.errors()}`);
  };
  while (!pattern.test(killed.errors()))
    await Promise.race([killed.ended.then(failUnkilled), killed.process.stderr && once(killed.process.stderr, 'data')]);
  killed.process.kill('SIGKILL');
  expect(await killed.ended).toBe(null);
}

describe('darkroom backup and restore', { timeout: 120_000 }, () => {
  it('restores what had ended under load with its pictures; nothing is claimed until the operator says so, then every open request ends', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => submit(index)));
    while ((await listIds(source.client, 'success')).length < 6) await pause(50);
    const before = await listIds(source.client, 'success');
    let isOver = false;
    const submitting = (async () => {
      for (let index = 100; !isOver; index++) await submit(index).then(() => pause(150));
    })();
    const backup = runDarkroom(['backup', toPath('load'), '--data-dir', source.dataDir]);
    expect([await backup.ended, backup.output()]).toEqual([
      0,
      expect.stringMatching(/Backed up \d+ requests and \d+ obj/),
    ]);
    isOver = true;
    const [backedUp] = (await source.admin.audit({ action: 'store.backed_up' })).entries;
    expect(backedUp).toMatchObject({ by: { kind: 'command' }, after: { lost: 0 } });
    expect(backedUp?.target).toContain(toPath('load'));
    await submitting;

    const restored = await darkroom(['restore', toPath('load'), '--data-dir', toPath('restored')]);
    expect([restored.errors, restored.code, restored.output]).toEqual([
      expect.not.stringContaining('missing'),
      0,
      expect.stringContaining('serve --hold'),
    ]);
    for (const name of ['darkroom.db', 'api-key'])
      expect((await stat(toPath('restored', name))).mode & 0o777).toBe(0o600);
    const verified = await darkroom(['verify', '--data-dir', toPath('restored')]);
    expect([verified.code, verified.output]).toEqual([0, expect.stringContaining('pictures are as their rows say')]);

    const snapshot = await readSnapshot(toPath('load'));
    const open = [...snapshot].filter(([, status]) => status === 'queued' || status === 'processing');
    expect(open.length).toBeGreaterThan(0);
    expect(before.filter((id) => snapshot.get(id) !== 'success')).toEqual([]);
    const { server, client, admin } = await serve(toPath('restored'), { isHeld: true });
    try {
      await pause(500);
      const [restoring] = (await admin.audit({ action: 'store.restored' })).entries;
      expect((await admin.audit({ action: 'upstream.paused' })).entries).toMatchObject([{ target: 'sandbox' }]);
      expect(restoring).toMatchObject({ by: { kind: 'command' }, target: 'database', after: { damaged: 0 } });
      const ended = [...snapshot].flatMap(([id, status]) => (status === 'success' ? [id] : []));
      expect([...(await listIds(client, 'success'))].sort()).toEqual(ended.sort());
      const hashAll = (from: Darkroom, url: string) => Promise.all(ended.map((id) => hashPicture(from, id, url)));
      expect(await hashAll(client, server.url)).toEqual(await hashAll(source.client, source.url));
      await admin.resume({ kind: 'upstream', name: 'sandbox' });
      const made = await Promise.all(open.map(async ([id]) => [id, (await client.wait(id)).status]));
      expect(made.filter(([, status]) => status !== 'success')).toEqual([]);
      // As after a kill: the calls that were under way then are lost, and were made again.
      const logs = await Promise.all(
        open.flatMap(([id, status]) => (status === 'processing' ? [client.attempts(id)] : [])),
      );
      const results = logs.flatMap(({ attempts }) => attempts.map(({ result }) => result));
      expect(results).toContain('lost');
    } finally {
      await server.stop();
    }
  });

  it('copies no picture twice, keeps as many backups as it was told to, and shares no file with the service', async () => {
    const args = ['backup', toPath('many'), '--keep', '2', '--data-dir', source.dataDir];
    while ((await listIds(source.client, 'queued')).length + (await listIds(source.client, 'processing')).length > 0)
      await pause(50);
    expect((await darkroom(args)).code).toBe(0);
    const again = await darkroom(args);
    expect(again.output).toContain('; 0 objects were copied');
    expect((await darkroom(args)).code).toBe(0);
    const names = (await readdir(toPath('many'))).filter((name) => /^\d/.test(name)).sort();
    expect(names).toHaveLength(2);
    const [key = ''] = await listMedia(source.dataDir);
    const files = await Promise.all(names.map((name) => stat(toPath('many', name, 'media', key))));
    expect(files.map(({ nlink, ino }) => [nlink, ino])).toEqual([2, 2].map((links) => [links, files[0]?.ino]));
    expect((await stat(path.join(source.dataDir, 'media', key))).nlink).toBe(1);
  });

  it('takes what the storage has lost or damaged since from the backup before', async () => {
    const [picture] = await listMedia(source.dataDir);
    const file = path.join(source.dataDir, 'media', picture ?? '');
    const bytes = await readFile(file);
    await truncate(file, 5);
    const args = ['backup', toPath('many'), '--data-dir', source.dataDir];
    expect((await darkroom(args)).code).toBe(0);
    const alone = await darkroom(['backup', toPath('alone'), '--data-dir', source.dataDir]);
    expect([alone.code, alone.errors]).toEqual([1, expect.stringContaining(path.basename(picture ?? ''))]);
    await rm(file);
    expect((await darkroom(args)).code).toBe(0);
    expect((await darkroom(['restore', toPath('many'), '--data-dir', toPath('healed')])).code).toBe(0);
    expect(await readFile(toPath('healed', 'media', picture ?? ''))).toEqual(bytes);
    await writeFile(file, bytes);
  });

  it('refuses a folder that is not empty, a newer schema and a damaged backup, by name; and PostgreSQL', async () => {
    const full = await darkroom(['restore', toPath('many'), '--data-dir', toPath('healed')]);
    expect([full.code, full.errors]).toEqual([1, expect.stringContaining('is not empty')]);
    const [name = ''] = (await readdir(toPath('alone'))).filter((one) => /^\d/.test(one));
    const file = toPath('alone', name, 'manifest.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, JSON.stringify({ ...JSON.parse(text), schema: 999 }));
    const newer = await darkroom(['restore', toPath('alone'), '--data-dir', toPath('newer')]);
    expect([newer.code, newer.errors]).toEqual([1, expect.stringContaining('has schema 999')]);
    await writeFile(file, text);
    const handle = toPath('alone', name, 'darkroom.db');
    await writeFile(handle, Buffer.alloc(9), { flag: 'r+' });
    const damaged = await darkroom(['restore', toPath('alone'), '--data-dir', toPath('newer')]);
    expect([damaged.code, damaged.errors]).toEqual([1, expect.stringContaining('differs from what the manifest')]);
    const postgres = await darkroom(['backup', toPath('pg')], { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' });
    expect([postgres.code, postgres.errors]).toEqual([1, expect.stringContaining('back-up-and-restore.md')]);
  });

  it('continues when it was killed at any moment; what was interrupted is taken for whole by nobody', async () => {
    for (let index = 0; index < fillers; index++) {
      const name = `${String(index).padStart(31, '0')}x.png`;
      const file = path.join(source.dataDir, 'media', 'pictures', name.slice(-7, -5), name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, name);
    }
    const backup = ['backup', toPath('killed'), '--data-dir', source.dataDir];
    for (const moment of [/compared 100 /, /compared 800 /, /taking a snapshot/]) {
      await killAt(backup, moment);
      const early = await darkroom(['restore', toPath('killed'), '--data-dir', toPath('early')]);
      expect([early.code, early.errors]).toEqual([1, expect.stringContaining('There is no whole backup')]);
    }
    const whole = await darkroom(backup);
    const copied = Number(/; (\d+) objects were copied/.exec(whole.output)?.[1]);
    expect([whole.code, copied < fillers]).toEqual([0, true]);

    const restore = ['restore', toPath('killed'), '--data-dir', toPath('twice')];
    for (const moment of [/restored 100 /, /restored 800 /]) {
      await killAt(restore, moment);
      await expect(serve(toPath('twice'), { isHeld: false })).rejects.toThrow(/has not finished.*darkroom restore/);
    }
    expect((await darkroom(restore)).code).toBe(0);
    expect((await listMedia(toPath('twice'))).length).toBe((await listMedia(source.dataDir)).length);
    const { server, client } = await serve(toPath('twice'), { isHeld: false });
    const ids = await listIds(source.client, 'success');
    expect(await listIds(client, 'success')).toEqual(ids);
    await server.stop();
    const [name = ''] = (await readdir(toPath('killed'))).filter((one) => /^\d/.test(one));
    expect((await readManifest(toPath('killed', name)))?.requests).toEqual({ success: ids.length });
  });
});

/** The keys of the objects of a data folder, without thumbnails. */
async function listMedia(dataDir: string): Promise<readonly string[]> {
  const root = path.join(dataDir, 'media');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((key) => key.startsWith('pictures/'))
    .sort();
}
