import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { maxReferenceBytes } from '@darkroom/protocol';
import { Problem } from '../../../core/problem.ts';
import { createTooLarge } from '../../../media/uploads.ts';
import { createSecret } from '../../../platform/ids.ts';
import type { UploadRight } from './upload-token.ts';

/** Uploads in several chunks that are under way in this process. */
const maxUploads = 100;

interface Upload {
  readonly folder: string;
  readonly files: string[];
  bytes: number;
  readonly expiresAt: number;
}

/**
 * The chunks of files that come in several calls. They wait in the spool folder of this process: when another process gets the next
 * chunk, it refuses it. Pictures are smaller than one chunk of Google's SDKs, which therefore send one call, and any process can
 * receive that.
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
    const upload = await this.#open(right, now);
    this.#assertNext(upload, offset);
    const file = path.join(upload.folder, createSecret());
    let bytes = 0;
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (offset + bytes > maxReferenceBytes) throw createTooLarge();
          yield chunk;
        }
      },
      createWriteStream(file),
    );
    // The same chunk may have come twice at the same time.
    this.#assertNext(upload, offset);
    upload.files.push(file);
    upload.bytes += bytes;
    return upload.bytes;
  }

  /** All bytes of the upload, which ends with `last`. */
  async *join(right: UploadRight, last: AsyncIterable<Buffer>, offset: number): AsyncGenerator<Buffer> {
    const upload = this.#uploads.get(right.id);
    this.#assertNext(upload, offset);
    for (const file of upload?.files ?? []) yield* createReadStream(file);
    yield* last;
  }

  async drop({ id }: Pick<UploadRight, 'id'>): Promise<void> {
    const upload = this.#uploads.get(id);
    this.#uploads.delete(id);
    if (upload) await rm(upload.folder, { recursive: true, force: true });
  }

  async #open(right: UploadRight, now: number): Promise<Upload> {
    const open = this.#uploads.get(right.id);
    if (open) return open;
    for (const [id, { expiresAt }] of this.#uploads) if (expiresAt < now) await this.drop({ id });
    if (this.#uploads.size >= maxUploads)
      throw new Problem('overloaded', 'Too many uploads in chunks are under way: try again later.', {
        retryAfterSeconds: 10,
      });
    const folder = await mkdtemp(path.join(this.#spoolFolder, 'upload-'));
    const upload: Upload = { folder, files: [], bytes: 0, expiresAt: right.expiresAt };
    this.#uploads.set(right.id, upload);
    return upload;
  }

  #assertNext(upload: Upload | undefined, offset: number): void {
    const bytes = upload?.bytes ?? 0;
    if (offset === bytes) return;
    throw new Problem(
      'invalid_request',
      `The chunk begins at byte ${offset}, but this process has ${bytes} bytes of the upload. Start again, and send the picture in one chunk: it has at most 7 MB.`,
    );
  }
}
