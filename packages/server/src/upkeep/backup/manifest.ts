import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/*
 * Backups of a Darkroom with SQLite, taken while it runs. A folder of backups holds one folder for each moment. That has the snapshot
 * of the database, every object of the storage, the list of these objects, the files of the data folder, and the manifest,
 * which is written last. Objects that the backup before has, too, are hard links to the same files.
 */

export const databaseName = 'darkroom.db';
export const objectListName = 'objects.db';
export const mediaName = 'media';
/** The folder of the copies of files of the data folder. */
export const filesName = 'files';

const manifestName = 'manifest.json';

const fileSchema = z.object({ bytes: z.number(), sha256: z.string() });

const manifestSchema = z.object({
  format: z.literal(1),
  /** The version of the program that took it. */
  program: z.string(),
  /** The version of the database's schema. */
  schema: z.number(),
  /** The moment of the database's snapshot. */
  at: z.iso.datetime(),
  database: fileSchema,
  /** The list of the objects, and what it lists. */
  objects: fileSchema.extend({ count: z.number(), totalBytes: z.number() }),
  /** Files of the data folder, such as the first API key. */
  files: z.record(z.string(), fileSchema),
  /** How many requests there are of each status. */
  requests: z.record(z.string(), z.number()),
  /** Pictures that rows name and that the storage had lost, or had with other bytes. Only the first are named. */
  lost: z.object({ count: z.number(), names: z.array(z.string()) }),
});

/** What a backup holds. A folder without it is no whole backup. */
export type Manifest = z.output<typeof manifestSchema>;

/** `undefined` when the folder has none. Rejects with a sentence when it cannot be understood. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const file = path.join(folder, manifestName);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const result = manifestSchema.safeParse(parse(text));
  if (!result.success) throw new Error(`${file} is damaged, or a newer Darkroom wrote it. Use another backup.`);
  return result.data;
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const handle = await open(path.join(folder, manifestName), 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function toManifestFile(folder: string): string {
  return path.join(folder, manifestName);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
