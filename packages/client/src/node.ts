import { createWriteStream, openAsBlob, promises } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { CallOptions } from './call.ts';
import type { Darkroom, PictureSource } from './darkroom.ts';
import type { UploadOptions } from './upload.ts';

export { createNodeWebhookHandler } from './node-webhook-handler.ts';
export { readServerSentEvents } from './server-sent-events.ts';

/**
 * Uploads a picture from a file. Resolves to its URL, for use in `payload.image`. The file is read while it is sent. Rejects
 * with an error that names the file when it cannot be read.
 */
export async function uploadFile(darkroom: Darkroom, path: string, options: UploadOptions = {}): Promise<string> {
  await assertReadable(path);
  return darkroom.upload(await openAsBlob(path), options);
}

/**
 * Downloads a picture into a file as it arrives. A file at `path` is replaced when the picture is complete; until then, its bytes
 * are in `path` with `.part` at the end. A connection that breaks is continued where it was.
 */
export async function downloadFile(
  darkroom: Darkroom,
  picture: PictureSource,
  path: string,
  options: CallOptions = {},
): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(darkroom.readPicture(picture, options), createWriteStream(part));
    await promises.rename(part, path);
  } catch (error) {
    await promises.rm(part, { force: true });
    throw error;
  }
}

/** The error of `openAsBlob` for an unreadable file names neither the file nor the reason. */
async function assertReadable(path: string): Promise<void> {
  await using file = await promises.open(path);
  if (!(await file.stat()).isFile()) throw new Error(`${path} is not a file.`);
}
