import { open } from 'node:fs/promises';

/** Resolves when the content of a file, or the names in a folder, are on the disk. */
export async function flush(path: string): Promise<void> {
  await using handle = await open(path);
  await handle.sync();
}
