import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { maxReferenceBytes } from '@darkroom/protocol';
import { Problem } from '../../../core/problem.ts';
import { createTooLarge } from '../../../media/uploads.ts';
import type { UploadRight } from './upload-token.ts';

/** Uploads in several chunks that are under way in this process, and how many of them one key may have. */
const maxUploads = 100;
const maxUploadsOfKey = 10;

interface Upload {
  readonly file: string;
  readonly apiKeyId: string;
  readonly expiresAt: number;
  /** How many bytes of the file count. What follows them is of a chunk that broke off. */
  bytes: number;
  /** Is a call writing or reading the file? */
  isBusy: boolean;
}

/**
 * The chunks of files that come in several calls. They wait in the spool folder of this process, one file for each upload: when
 * another process gets the next chunk, it refuses it. Pictures are smaller than one chunk of Google's SDKs, which therefore send one
 * call, and any process can receive that.
 */
export class Chunks {
  readonly #spoolFolder: string;
  readonly #uploads = new Map<string, Upload>();

  constructor(spoolFolder: string) {
    this.#spoolFolder = spoolFolder;
  }

  /** How many bytes of the upload are here. */
  received({ id }: Pick<UploadRight, 'id'>): number {
    return this.#uploads.get(id)?.bytes ?? 0;
  }

  /** Keeps the chunk, and resolves to the bytes that are here now. A chunk that breaks off is not kept; it can be sent again. */
  async add(
    right: UploadRight,
    body: Readable,
    { offset, now }: { readonly offset: number; readonly now: number },
  ): Promise<number> {
    this.#assertNext(right, offset);
    const upload = this.#uploads.get(right.id) ?? (await this.#open(right, now));
    return this.#use(upload, async () => {
      const bytes = await append(upload, body);
      upload.bytes += bytes;
      return upload.bytes;
    });
  }

  /** Passes all bytes of the upload, which ends with `last`, to `receive`. Forgets the upload when it was received. */
  async finish<T>(
    right: UploadRight,
    last: AsyncIterable<Buffer>,
    { offset, receive }: { readonly offset: number; readonly receive: (all: AsyncIterable<Buffer>) => Promise<T> },
  ): Promise<T> {
    this.#assertNext(right, offset);
    const upload = this.#uploads.get(right.id);
    if (!upload) return receive(last);
    const received = await this.#use(upload, () => receive(join(upload, last)));
    await this.drop(right);
    return received;
  }

  async drop({ id }: Pick<UploadRight, 'id'>): Promise<void> {
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    if (upload) await rm(upload.file, { force: true });
  }

  async #open({ id, owner: { apiKeyId }, expiresAt }: UploadRight, now: number): Promise<Upload> {
    const expired = [...this.#uploads].filter(([, upload]) => upload.expiresAt < now && !upload.isBusy);
    const ofKey = [...this.#uploads.values()].filter(
      (upload) => upload.apiKeyId === apiKeyId && !(upload.expiresAt < now),
    );
    if (ofKey.length >= maxUploadsOfKey || this.#uploads.size - expired.length >= maxUploads)
      throw new Problem('overloaded', 'Too many uploads in chunks are under way: try again later.', {
        retryAfterSeconds: 10,
      });
    const file = path.join(this.#spoolFolder, `chunks-${id}`);
    const upload: Upload = { file, apiKeyId, expiresAt, bytes: 0, isBusy: false };
    this.#uploads.set(id, upload);
    await Promise.all(expired.map(([expiredId]) => this.drop({ id: expiredId })));
    return upload;
  }

  async #use<T>(upload: Upload, work: () => Promise<T>): Promise<T> {
    if (upload.isBusy)
      throw new Problem('overloaded', 'Another call is sending a chunk of this upload: try again after it has ended.', {
        retryAfterSeconds: 1,
      });
    upload.isBusy = true;
    try {
      return await work();
    } finally {
      upload.isBusy = false;
    }
  }

  #assertNext(right: UploadRight, offset: number): void {
    const bytes = this.received(right);
    if (offset === bytes) return;
    throw new Problem(
      'invalid_request',
      `The chunk begins at byte ${offset}, but this process has ${bytes} bytes of the upload. Start again, and send the picture in one chunk. A picture may have at most 7 MB.`,
    );
  }
}

/** Writes the chunk behind the bytes that count. Resolves to its length. */
async function append({ file, bytes: before }: Upload, body: Readable): Promise<number> {
  let bytes = 0;
  await pipeline(
    body,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (before + bytes > maxReferenceBytes) throw createTooLarge();
        yield chunk;
      }
    },
    createWriteStream(file, { flags: before === 0 ? 'w' : 'r+', start: before }),
  );
  return bytes;
}

async function* join({ file, bytes }: Upload, last: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (bytes > 0) yield* createReadStream(file, { end: bytes - 1 });
  yield* last;
}
