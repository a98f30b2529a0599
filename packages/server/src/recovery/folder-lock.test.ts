import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';

describe('the lock of a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'darkroom-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has one holder at a time, also inside one process', () => {
    const lock = lockFolder(folder);
    expect(lock).toBeDefined();
    expect(lockFolder(folder)).toBeUndefined();
    lock?.release();
    lock?.release();
    const next = lockFolder(folder);
    expect(next).toBeDefined();
    next?.release();
  });

  it('is nobody’s when the folder is gone', async () => {
    await rm(folder, { recursive: true });
    expect(lockFolder(folder)).toBeUndefined();
  });

  it('is held by another process until that is killed', async () => {
    const code = `
      const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)});
      globalThis.lock = lockFolder(${JSON.stringify(folder)});
      process.stdout.write('locked');
      setInterval(() => undefined, 1_000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(lockFolder(folder)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'close');
    const lock = lockFolder(folder);
    expect(lock).toBeDefined();
    lock?.release();
  });
});
