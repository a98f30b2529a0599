import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** What a browser reads before it can show the first page: the page and all that it names. */
export interface FirstLoad {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Compressed with gzip; browsers that take Brotli read less. */
  readonly bytes: number;
}

export const maxFirstLoadBytes = 200_000;

/** Of the console as it was built last. Rejects when it was not built. */
export async function measureFirstLoad(): Promise<FirstLoad> {
  const page = await readFile(path.join(built, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].flatMap(([, name]) => name ?? []);
  const files = await Promise.all(
    ['index.html', ...named].map(async (name) => ({
      name,
      bytes: gzipSync(await readFile(path.join(built, name)), { level: 9 }).length,
    })),
  );
  return { files, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

const built = path.resolve(import.meta.dirname, '../../../console/dist');
