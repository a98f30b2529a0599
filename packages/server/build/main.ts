import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildFolder, listName, toList } from '../bin/find-build.ts';
import { bundlePrograms } from './bundle.ts';

/**
 * Builds what `bin/darkroom.js` runs in a checkout. As soon as a file that it was made of is another, the sources run instead. The list of
 * these files comes last, and makes the build one that is used.
 */
const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, buildFolder);
const begun = Date.now();
const keptMs = 30 * 24 * 60 * 60 * 1_000;
const { chunks, files } = await bundlePrograms({ main: path.join(root, 'packages/server/src/cli/main.ts') });
const sources = files.filter((file) => !file.includes('/node_modules/')).map((file) => path.relative(root, file));
await mkdir(folder, { recursive: true });
await rm(path.join(folder, listName), { force: true });
for (const { fileName, code } of chunks) await replace(fileName, code);
await removeOld();
if (await isChanged())
  console.warn('The sources changed while they were built, so they run as they are. Build them again.');
// Packages change only when npm installs them, and then npm writes this file.
else await replace(listName, toList(root, [...sources, 'node_modules/.package-lock.json']));

/** Whole or not at all: a program may be reading it. */
async function replace(name: string, text: string): Promise<void> {
  const file = path.join(folder, name);
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}

/** Has a source been written since it was read? */
async function isChanged(): Promise<boolean> {
  const found = await Promise.all(sources.map((file) => stat(path.join(root, file))));
  return found.some(({ mtimeMs }) => mtimeMs >= begun);
}

/** Removes what earlier builds wrote, but not at once: a server that runs one of them loads some of its files late. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const { mtimeMs } = await stat(file);
    if (begun - mtimeMs > keptMs) await rm(file);
  }
}
