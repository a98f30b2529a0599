import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createSecret } from '../platform/ids.ts';
import { inLanes } from '../platform/lanes.ts';
import { cacheControl } from './object-writer.ts';
import { isThumbnailKey, toImageType } from './picture-name.ts';
import { hashStream } from './sha256.ts';
import type { StorageDriver } from './storage-driver.ts';

export interface CopyObjectsOptions {
  readonly from: StorageDriver;
  readonly to: StorageDriver;
  /** An existing folder for files in transit. */
  readonly folder: string;
  readonly onProgress: (progress: ObjectProgress) => void;
}

export interface ObjectProgress {
  /** Objects that the target already has with the same content. */
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
}

/** How many objects are copied at the same time. */
const lanes = 8;

/**
 * Copies every object except thumbnails, which can be made again: pictures, uploads, originals and signatures. Each is
 * read back and compared by its SHA-256. An object that the target already has is compared in the same way, and written
 * again only when it differs; this lets an interrupted copy continue.
 */
export async function copyObjects({ from, to, folder, onProgress }: CopyObjectsOptions): Promise<void> {
  await from.check();
  await to.check();
  let total = 0;
  for await (const _key of listLasting(from)) total++;
  let done = 0;
  let bytes = 0;
  onProgress({ done, total, bytes });
  await inLanes(listLasting(from), lanes, async (key) => {
    const copied = await copyObject(key, { from, to, folder });
    bytes += copied;
    done++;
    onProgress({ done, total, bytes });
  });
}

async function* listLasting(driver: StorageDriver): AsyncGenerator<string, void> {
  for await (const key of driver.list('')) if (!isThumbnailKey(key)) yield key;
}

type Ends = Omit<CopyObjectsOptions, 'onProgress'>;

async function copyObject(key: string, { from, to, folder }: Ends): Promise<number> {
  const path = join(folder, createSecret());
  try {
    const source = await from.read(key);
    if (!source) throw new Error(`${key} disappeared from the source during the copy. Is a Darkroom running on it?`);
    const digest = await spool(source.stream, path);
    if ((await digestOf(to, key)) === digest) return source.bytes;
    await to.write(key, path, { contentType: toContentType(key), cacheControl });
    if ((await digestOf(to, key)) !== digest) throw new Error(`${key} at the target differs from what was written.`);
    return source.bytes;
  } finally {
    await rm(path, { force: true });
  }
}

function toContentType(key: string): string {
  return key.startsWith('signatures/') ? 'text/plain' : toImageType(key);
}

/** SHA-256 of what was written to the file. */
async function spool(stream: Readable, path: string): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(stream, createWriteStream(path, { flags: 'wx' }));
  return hash.digest('hex');
}

async function digestOf(driver: StorageDriver, key: string): Promise<string | undefined> {
  const found = await driver.read(key);
  return found && hashStream(found.stream);
}
