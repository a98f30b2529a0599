import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { OutputChunk } from 'rolldown';
import { bundlePrograms } from '../../build/bundle.ts';
import { sourcePrograms } from './programs.ts';

/** Beside the sources, because the packages that they import are found from there. Git ignores it. */
const output = path.resolve(import.meta.dirname, '../../dist');

/**
 * Builds the programs that tests start as processes and resolves to their folder. A run starts well over a hundred processes, and
 * a server starts on half of the processor time when its sources and most of its packages are in a few files. The same sources give
 * the same folder, so what Node has compiled of it is used again by the next run.
 */
export async function buildPrograms(): Promise<string> {
  const { chunks } = await bundlePrograms(sourcePrograms, [plainArtist]);
  const hash = createHash('sha256');
  for (const { fileName, code } of chunks) hash.update(`${fileName}\n${code}`);
  const folder = path.join(output, `for-tests-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) await write(folder, chunks);
  await removeOld(folder);
  return folder;
}

/** The sandbox's pictures are plain, as in the processes that load `with-plain-artist.mjs`. */
const plainArtist = {
  name: 'plain-artist',
  resolveId: (id: string) =>
    id === '@darkroom/illustrator' ? path.resolve(import.meta.dirname, '../plain-artist.ts') : null,
};

const dayMs = 24 * 60 * 60 * 1_000;

/** Removes the builds of earlier sources, but none that another run may use. */
async function removeOld(current: string): Promise<void> {
  for (const name of await readdir(output)) {
    const folder = path.join(output, name);
    if (folder === current || !name.startsWith('for-tests-')) continue;
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > dayMs) await rm(folder, { recursive: true, force: true });
  }
}

/** Whole or not at all: another run may build the same. */
async function write(folder: string, chunks: readonly OutputChunk[]): Promise<void> {
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  for (const { fileName, code } of chunks) await writeFile(path.join(unfinished, fileName), code);
  await rename(unfinished, folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  await rm(unfinished, { recursive: true, force: true });
}
