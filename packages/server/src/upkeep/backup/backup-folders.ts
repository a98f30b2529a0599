import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { flush } from '../../platform/flush.ts';
import { type Manifest, readManifest, toManifestFile } from './manifest.ts';

export interface WholeBackup {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The folder of the backup that is being taken, or that was interrupted. */
export function toUnfinished(root: string): string {
  return path.join(root, 'unfinished');
}

/** The newest whole backup in a folder of backups. */
export async function findNewest(root: string): Promise<WholeBackup | undefined> {
  for (const name of (await listNames(root)).toReversed()) {
    const folder = path.join(root, name);
    const manifest = await readManifest(folder);
    if (manifest) return { folder, manifest };
  }
  return undefined;
}

/** From now on it is a whole backup, under the name of its moment. */
export async function finish(root: string, { at }: Manifest): Promise<string> {
  const folder = path.join(root, at.replaceAll(':', '-'));
  await flush(toUnfinished(root));
  await rename(toUnfinished(root), folder);
  await flush(root);
  return folder;
}

/** Removes all but the newest `keep` whole backups, and what removals that were interrupted have left. */
export async function removeOld(root: string, keep: number): Promise<void> {
  let kept = 0;
  for (const name of (await listNames(root)).toReversed()) {
    const folder = path.join(root, name);
    if (kept < keep && (await readManifest(folder))) kept++;
    else await remove(folder);
  }
}

/** The manifest goes first: a folder that is half removed is no backup any longer. */
async function remove(folder: string): Promise<void> {
  await rm(toManifestFile(folder), { force: true });
  await rm(folder, { recursive: true, force: true });
}

/** In the order of their moments. */
async function listNames(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\d{4}-\d\d-\d\dT[\d.-]+Z$/.test(entry.name))
    .map(({ name }) => name)
    .sort();
}
