import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { list, toMark } from '../bin/find-build.js';
import { bundlePrograms } from './bundle.ts';

/**
 * Builds what `bin/darkroom.js` runs in a checkout, with a list of the files that it was made of. As soon as one of them is another, the
 * sources run instead.
 */
const server = path.resolve(import.meta.dirname, '..');
const folder = path.join(server, 'dist/checkout');
const installed = path.resolve(server, '../../node_modules/.package-lock.json');

const { chunks, files } = await bundlePrograms({ main: path.join(server, 'src/cli/main.ts') });
// Packages change only when npm installs them.
const watched = [...files.filter((file) => !file.includes('/node_modules/')), installed];
const marks = watched.map(async (file) => [path.relative(folder, file), toMark(await stat(file))]);
const unfinished = `${folder}-${process.pid}`;
await mkdir(unfinished, { recursive: true });
for (const { fileName, code } of chunks) await writeFile(path.join(unfinished, fileName), code);
await writeFile(path.join(unfinished, list), JSON.stringify(Object.fromEntries(await Promise.all(marks))));
await rm(folder, { recursive: true, force: true });
await rename(unfinished, folder);
