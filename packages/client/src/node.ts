import { openAsBlob, promises } from 'node:fs';
import type { Darkroom } from './darkroom.ts';
import type { UploadOptions } from './upload.ts';

export { readServerSentEvents } from './server-sent-events.ts';

/**
 * Uploads a picture from a file. Resolves to its URL, for use in `payload.image`. The file is read while it is sent. Rejects
 * with an error that names the file when it cannot be read.
 */
export async function uploadFile(darkroom: Darkroom, path: string, options: UploadOptions = {}): Promise<string> {
  await assertReadable(path);
  return darkroom.upload(await openAsBlob(path), options);
}

/** The error of `openAsBlob` for an unreadable file names neither the file nor the reason. */
async function assertReadable(path: string): Promise<void> {
  await using file = await promises.open(path);
  if (!(await file.stat()).isFile()) throw new Error(`${path} is not a file.`);
}
