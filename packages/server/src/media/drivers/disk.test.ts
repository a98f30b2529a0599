import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { describeStorageDriverContract } from '../storage-driver.contract.ts';
import { createDiskDriver } from './disk.ts';
import { toDiskError } from './disk-errors.ts';

const root = await mkdtemp(join(tmpdir(), 'darkroom-disk-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const options = { contentType: 'image/png' };

describeStorageDriverContract('disk', async () => createDiskDriver({ folder: await mkdtemp(join(root, 'contract-')) }));

describe('the disk driver', () => {
  let folder: string;
  let source: string;

  beforeEach(async () => {
    const parent = await mkdtemp(join(root, 'disk-'));
    folder = join(parent, 'media');
    source = join(parent, 'source');
    await writeFile(source, 'bytes', { mode: 0o644 });
  });

  it('makes its folder, and makes files and folders that only their owner can read', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    await driver.write('originals/ab/one.jpg', source, options);
    for (const path of ['.', 'originals', 'originals/ab']) expect(await modeOf(join(folder, path))).toBe(0o700);
    expect(await modeOf(join(folder, 'originals/ab/one.jpg'))).toBe(0o600);
  });

  it('leaves no draft after writes that succeed or fail', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    await driver.write('a/b', source, options);
    await expect(driver.write('a/b/c', source, options)).rejects.toThrow(folder);
    await expect(driver.write('a', source, options)).rejects.toThrow(folder);
    expect(await readdir(join(folder, '~drafts'))).toEqual([]);
  });

  it('leaves nothing when the disk refuses the rest of a file', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    const large = join(folder, '..', 'large');
    await writeFile(large, Buffer.alloc(1_000_000));
    // A limit on the size of a file replaces a full disk: the system refuses in the middle of the copy.
    const code = `
      const { createDiskDriver } = await import(${JSON.stringify(new URL('./disk.ts', import.meta.url).href)});
      const write = createDiskDriver({ folder: ${JSON.stringify(folder)} }).write('a/b', ${JSON.stringify(large)}, {});
      console.log(await write.then(() => 'written', (error) => error.message));`;
    const shell = `trap '' XFSZ; ulimit -f 128; exec "$0" --input-type=module --eval "$1"`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell, process.execPath, code]);
    expect(stdout).toContain(`The media folder ${folder} cannot be written: EFBIG`);
    expect(await readdir(folder)).toEqual(['~drafts']);
    expect(await readdir(join(folder, '~drafts'))).toEqual([]);
  });

  it('removes at its check the drafts that a killed process left an hour ago, and no younger ones', async () => {
    const drafts = join(folder, '~drafts');
    await mkdir(drafts, { recursive: true });
    await writeFile(join(drafts, 'old'), '');
    await writeFile(join(drafts, 'young'), '');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(drafts, 'old'), twoHoursAgo, twoHoursAgo);
    await createDiskDriver({ folder }).check();
    expect(await readdir(drafts)).toEqual(['young']);
  });

  it('removes, together with an object, the drafts of a process that was killed while it wrote the object', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    const large = join(folder, '..', 'large');
    await writeFile(large, Buffer.alloc(50_000_000, 1));
    const code = `
      const { createDiskDriver } = await import(${JSON.stringify(new URL('./disk.ts', import.meta.url).href)});
      const { readdirSync } = await import('node:fs');
      void createDiskDriver({ folder: ${JSON.stringify(folder)} }).write('a/b', ${JSON.stringify(large)}, {});
      while (readdirSync(${JSON.stringify(join(folder, '~drafts'))}).length === 0);
      process.kill(process.pid, 'SIGKILL');`;
    const killed = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
    await expect(killed).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect(await readdir(join(folder, '~drafts'))).toHaveLength(1);
    expect(await driver.delete('a/c')).toBe(false);
    expect(await readdir(join(folder, '~drafts'))).toHaveLength(1);
    expect(await driver.delete('a/b')).toBe(false);
    expect(await readdir(join(folder, '~drafts'))).toEqual([]);
  });

  it('does not recreate the folder when it disappears, because a volume may be unmounted', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    await rm(folder, { recursive: true });
    await expect(driver.write('a/b', source, options)).rejects.toThrow('is its volume mounted?');
    await expect(driver.check()).rejects.toThrow('is its volume mounted?');
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('says what to do when its folder cannot be written', async () => {
    const check = createDiskDriver({ folder: join(source, 'media') }).check();
    await expect(check).rejects.toThrow(`The media folder ${join(source, 'media')} does not exist or is not a folder`);
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(toDiskError(full, folder).message).toContain('No space is left');
    const refused = Object.assign(new Error('open'), { code: 'EACCES' });
    expect(toDiskError(refused, folder)).toMatchObject({ message: expect.stringContaining('uid'), cause: refused });
  });

  it('lists only files that are objects', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    await writeFile(join(folder, '~drafts', 'draft'), '');
    await mkdir(join(folder, 'lost+found'));
    await writeFile(join(folder, 'lost+found', 'x'), '');
    expect(await Array.fromAsync(driver.list(''))).toEqual([]);
  });

  it('closes the file when a reader stops in the middle', async () => {
    const driver = createDiskDriver({ folder });
    await driver.check();
    await driver.write('a/b', source, options);
    const object = await driver.read('a/b');
    object?.stream.destroy();
    if (object) await once(object.stream, 'close');
    expect(object?.stream.closed).toBe(true);
  });
});

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}
