import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildFolder, findBuild, listName, toList } from '../bin/find-build.ts';

let root: string;
const place = (file: string) => path.join(root, file);

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'darkroom-checkout-'));
  await writeFile(place('serve.ts'), 'answers');
  await writeFile(place('store.ts'), 'keeps');
  await mkdir(place(buildFolder), { recursive: true });
  await writeFile(place(`${buildFolder}/main.js`), 'answers and keeps');
  await writeFile(place(`${buildFolder}/${listName}`), toList(root, ['serve.ts', 'store.ts']));
});

afterEach(() => rm(root, { recursive: true }));

describe('the build of a checkout', () => {
  it('runs while the files that it was made of are as they were', async () => {
    const found = findBuild(root);
    expect(await readFile(fileURLToPath(found ?? ''), 'utf8')).toBe('answers and keeps');
  });

  it('does not run once a file is another, even one of the same size', async () => {
    await writeFile(place('store.ts'), 'sends');
    await utimes(place('store.ts'), new Date(), new Date(Date.now() + 1_000));
    expect(findBuild(root)).toBeUndefined();
  });

  it('does not run once a file has another size, even if it was written at the same time', async () => {
    const { atime, mtime } = await stat(place('store.ts'));
    await writeFile(place('store.ts'), 'keeps and sends');
    await utimes(place('store.ts'), atime, mtime);
    expect(findBuild(root)).toBeUndefined();
  });

  it('does not run once a file is gone, nor when it is not there or unfinished', async () => {
    await rm(place('serve.ts'));
    expect(findBuild(root)).toBeUndefined();
    await writeFile(place(`${buildFolder}/${listName}`), '[["ser');
    expect(findBuild(root)).toBeUndefined();
    await rm(place(buildFolder), { recursive: true });
    expect(findBuild(root)).toBeUndefined();
  });
});
