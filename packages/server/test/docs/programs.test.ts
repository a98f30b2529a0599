import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBlocks } from './markdown.ts';
import { readPages, root } from './pages.ts';

/** Node strips the types of the programs in the pages without checking them; here the compiler checks them. */

const programs = [...readPages()]
  .flatMap(([page, text]) => readBlocks(page, text))
  .filter(({ language }) => language === 'ts');

/** As strict as readers are likely to be. */
const tsconfig = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'],
    module: 'nodenext',
    moduleDetection: 'force',
    types: ['node'],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-programs-'));
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const { place, code } of programs) {
    const file = path.join(folder, `${place.replace(':', '-line-')}.ts`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, code);
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('the programs of the pages', () => {
  it('exist', () => {
    expect(programs.length).toBeGreaterThan(5);
  });

  it('have no type errors', async () => {
    const tsc = path.join(root, 'node_modules/.bin/tsc');
    const errors = await promisify(execFile)(tsc, ['-p', folder]).then(
      () => '',
      (error: { readonly stdout: string }) => error.stdout || String(error),
    );
    expect(errors).toBe('');
  }, 60_000);
});
