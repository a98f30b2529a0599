import { openAsBlob } from 'node:fs';
import type { Darkroom } from './darkroom.ts';
import type { UploadOptions } from './upload.ts';

/** Uploads the picture of a file; resolves to the URL that can stand in `payload.image`. It is read as it is sent. */
export async function uploadFile(darkroom: Darkroom, path: string, options: UploadOptions = {}): Promise<string> {
  return darkroom.upload(await openAsBlob(path), options);
}
