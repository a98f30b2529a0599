import { readFileSync, statSync } from 'node:fs';

/** The name of the list of files that a build was made of, with the mark of each. */
export const list = 'made-of.json';

/** What tells that a file is another than it was. */
export function toMark({ mtimeMs, size }) {
  return `${mtimeMs} ${size}`;
}

/**
 * The address of the program that `npm run build` made of this checkout. `undefined` when there is none, or when it is stale: one of the
 * files that it was made of is another now. Looking takes 5 ms.
 */
export function findBuild() {
  const folder = new URL('../dist/checkout/', import.meta.url);
  try {
    const marks = Object.entries(JSON.parse(readFileSync(new URL(list, folder), 'utf8')));
    const isFresh = marks.every(([file, mark]) => toMark(statSync(new URL(file, folder))) === mark);
    return isFresh ? new URL('main.js', folder).href : undefined;
  } catch {
    return undefined;
  }
}
