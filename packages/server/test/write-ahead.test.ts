import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import type { KeptPart } from '../src/core/image-request.ts';
import { createDiskDriver } from '../src/media/drivers/disk.ts';
import { MediaStore } from '../src/media/media-store.ts';
import { toPictureKey } from '../src/media/picture-name.ts';
import { systemClock } from '../src/platform/clock.ts';
import { createLogger } from '../src/platform/logger.ts';
import { prepareSpool } from '../src/recovery/spool.ts';
import type { RequestStore } from '../src/store/request-store.ts';
import { openSqliteStore } from '../src/store/sqlite/open-sqlite-store.ts';
import { findProgram } from './shared/programs.ts';
import { writeMigratedFile } from './store/migrated-file.ts';

const child = await findProgram('store-until-killed');

/** The steps of the child, in order. */
const steps = [
  'write pictures', // the inline one
  'submit',
  'beginCalls',
  'write signatures', // the text's
  'write signatures',
  'write originals',
  'write pictures',
  'stored',
  'settle',
];

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** Runs a child until it is killed after a step; returns its folder and the step's name. */
async function runUntilKilled(step: number) {
  const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-write-ahead-'));
  folders.push(folder);
  writeMigratedFile(path.join(folder, 'darkroom.db'));
  const storing = spawn(process.execPath, [child, folder, String(step)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(storing, 'close');
  const name = await text(storing.stdout);
  return { folder, name, end: await closed };
}

/** What a new process finds once it has prepared its spool. */
async function restart(folder: string) {
  const sqlite = openSqliteStore({ file: path.join(folder, 'darkroom.db') });
  const driver = createDiskDriver({ folder: path.join(folder, 'media') });
  const media = new MediaStore(driver);
  await media.check();
  const root = path.join(folder, 'spool');
  const options = { store: sqlite.requests, media, clock: systemClock, logger: createLogger('silent') };
  const spool = await prepareSpool(root, options);
  const folders = await readdir(root);
  const stored = (await Array.fromAsync(driver.list(''))).sort();
  const named = await listNamed(sqlite.requests);
  const { requests } = await sqlite.requests.list({ organizationId: 'default', limit: 10 });
  const attempts = await Promise.all(requests.map(({ id }) => sqlite.requests.attempts('default', id)));
  await spool.stop();
  await sqlite.close();
  expect(folders).toEqual([path.basename(spool.folder)]);
  expect(await readdir(root)).toEqual([]);
  return { stored, named, attempts: attempts.flat() };
}

/** The keys of everything that the rows name. */
async function listNamed(store: RequestStore): Promise<readonly string[]> {
  const { requests } = await store.list({ organizationId: 'default', limit: 10 });
  const attempts = (await Promise.all(requests.map(({ id }) => store.attempts('default', id)))).flat();
  return [
    ...requests.flatMap(({ inline }) => inline.map(({ name }) => toPictureKey(name))),
    ...attempts.flatMap(({ answer }) => answer?.parts.flatMap(toKeys) ?? []),
  ].sort();
}

function toKeys(part: KeptPart): readonly string[] {
  const keys =
    part.kind === 'text'
      ? [part.signatureKey]
      : [toPictureKey(part.picture.name), part.picture.originalKey, part.picture.signatureKey];
  return keys.filter((key) => key !== undefined);
}

describe('a process that is killed while it stores', () => {
  it.concurrent.each(steps.map((name, index) => [index + 1, name] as const))(
    'leaves no orphan after the next start, and loses no answer that was paid for: step %i, %s',
    async (step, name) => {
      const run = await runUntilKilled(step);
      expect(run).toMatchObject({ name, end: [null, 'SIGKILL'] });
      const { stored, named, attempts } = await restart(run.folder);
      expect(stored).toEqual(named);
      const isAnswered = step > steps.indexOf('beginCalls') + 1;
      expect(attempts.filter(({ result }) => result === 'succeeded')).toHaveLength(isAnswered ? 1 : 0);
      if (isAnswered) expect(stored).toHaveLength(5);
    },
  );

  it('takes exactly as many steps as are tested', async () => {
    const run = await runUntilKilled(steps.length + 1);
    expect(run).toMatchObject({ name: '', end: [0, null] });
    const { stored, named, attempts } = await restart(run.folder);
    expect(stored).toHaveLength(5);
    expect(stored).toEqual(named);
    expect(attempts).toMatchObject([{ result: 'succeeded' }]);
  });
});
