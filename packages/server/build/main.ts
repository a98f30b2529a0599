import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildFolder, listName, toList } from '../bin/find-build.ts';
import { bundlePrograms } from './bundle.ts';

/** Builds what `bin/darkroom.js` runs in a checkout. As soon as a file that it was made of is another, the sources run instead. */
const server = path.resolve(import.meta.dirname, '..');
const { chunks, files } = await bundlePrograms({ main: path.join(server, 'src/cli/main.ts') });
// Packages change only when npm installs them.
const installed = path.resolve(server, '../../node_modules/.package-lock.json');
const madeOf = toList([...files.filter((file) => !file.includes('/node_modules/')), installed]);
const unfinished = `${buildFolder}-${process.pid}`;
await mkdir(unfinished, { recursive: true });
for (const { fileName, code } of chunks) await writeFile(path.join(unfinished, fileName), code);
await writeFile(path.join(unfinished, listName), madeOf);
await rm(buildFolder, { recursive: true, force: true });
await rename(unfinished, buildFolder);
