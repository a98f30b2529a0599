import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where `npm run build` writes the program, in a checkout. */
export const buildFolder = 'packages/server/dist/checkout';

/** The name of the list of the files that it was made of. It is in the same folder. */
export const listName = 'made-of.json';

type List = readonly (readonly [file: string, mtimeMs: number, size: number])[];

/** The text of that list, for a checkout and paths in it. */
export function toList(root: string, files: readonly string[]): string {
  const list: List = files.map((file) => {
    const { mtimeMs, size } = statSync(`${root}/${file}`);
    return [file, mtimeMs, size];
  });
  return JSON.stringify(list);
}

/**
 * The address of the program that `npm run build` made of a checkout. `undefined` when there is none, or when it is stale: one of the
 * files that it was made of is another now, or is gone. Looking at a thousand files takes 5 ms.
 */
export function findBuild(root: string): string | undefined {
  const folder = path.join(root, buildFolder);
  try {
    const list = JSON.parse(readFileSync(path.join(folder, listName), 'utf8')) as List; // `toList` wrote it
    const isSame = ([file, mtimeMs, size]: List[number]) => {
      const now = statSync(`${root}/${file}`);
      return now.mtimeMs === mtimeMs && now.size === size;
    };
    return list.every(isSame) ? pathToFileURL(path.join(folder, 'main.js')).href : undefined;
  } catch {
    return undefined;
  }
}
