import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '../../..');

/** Where `npm run build` writes the program. */
export const buildFolder = path.join(root, 'packages/server/dist/checkout');
/** The name of the list in it. */
export const listName = 'made-of.json';

/** What tells that a file is another than it was. */
const toMark = ({ mtimeMs, size }) => mtimeMs + size;

/** The text of the list of the files that a build was made of. */
export function toList(files) {
  return JSON.stringify(files.map((file) => [path.relative(root, file), toMark(statSync(file))]));
}

/**
 * The address of the program that `npm run build` made of this checkout. `undefined` when there is none, or when it is stale: one of the
 * files that it was made of is another now. Looking at a thousand files takes 5 ms.
 */
export function findBuild() {
  try {
    const files = JSON.parse(readFileSync(path.join(buildFolder, listName), 'utf8'));
    const isFresh = files.every(([file, mark]) => toMark(statSync(`${root}/${file}`)) === mark);
    return isFresh ? pathToFileURL(path.join(buildFolder, 'main.js')).href : undefined;
  } catch {
    return undefined;
  }
}
