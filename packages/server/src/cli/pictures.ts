import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Darkroom } from '@darkroom/client';
import { downloadFile, uploadFile } from '@darkroom/client/node';
import type { RequestRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import { toSentence } from './sentence.ts';
import { UnreachableError } from './unreachable-error.ts';

/** Whether a reference is already an address, not a file. */
export function isAddress(reference: string): boolean {
  return /^(https?|gs|data):/i.test(reference);
}

/** A URL as it is; a file as the URL of its upload. */
export function toReference(client: Darkroom, reference: string): Promise<string> {
  if (isAddress(reference)) return Promise.resolve(reference);
  return uploadFile(client, reference).catch((error: unknown) => {
    if (error instanceof UnreachableError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`There is no file ${reference}. A reference is a file or an address (https:, gs:, data:).`);
    throw new Error(`${reference} cannot be uploaded: ${toSentence(error)}`);
  });
}

/** Writes the pictures of a successful request into `folder`. Resolves to the names of the files. */
export async function writePictures(
  client: Darkroom,
  record: RequestRecord,
  folder: string,
): Promise<readonly string[]> {
  const { media_urls } = record.outcome as SuccessOutcomeRecord; // the wire gives a success this outcome
  await mkdir(folder, { recursive: true });
  return Promise.all(
    media_urls.map(({ id, url }) => write(client, url, path.join(folder, `${record.request_id}-${id}`))),
  );
}

async function write(client: Darkroom, url: string, nameWithoutExtension: string): Promise<string> {
  const file = `${nameWithoutExtension}${path.extname(new URL(url).pathname)}`;
  await downloadFile(client, url, file);
  return file;
}
