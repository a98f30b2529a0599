import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

const folders = new Set<string>();
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder inside `parent` that is removed when it is disposed of, or with this process. */
export async function createTemporaryFolder(parent: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(parent, 'darkroom-bench-'));
  folders.add(folder);
  return {
    path: folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
      folders.delete(folder);
    },
  };
}
