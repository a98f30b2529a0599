import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpoolFile } from '@darkroom/json-stream';
import { createSecret } from '../../platform/ids.ts';
import { describePixelExcess } from '../codec/decode-cost.ts';
import { type ImageType, sniffImageType } from '../sniff-image-type.ts';
import { describeContent } from './describe-content.ts';
import { ReferenceFailure } from './reference-failure.ts';
import { createTooLargeFailure } from './response-body.ts';

export interface SpooledPicture {
  readonly file: SpoolFile;
  readonly mimeType: ImageType;
}

/** Makes fewer writes: each costs 0.1 to 0.2 ms whatever its size, and chunks may be as small as a packet. */
const bufferBytes = 128 * 1024;

/**
 * Writes a picture to a new file of `folder`. Its first bytes determine its type before anything is written. Rejects
 * with `ReferenceFailure` when it is not a picture or too large, and with the unchanged error of `source` or of the
 * disk; it then leaves no file behind.
 */
export async function spoolPicture(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { folder, maxBytes }: { readonly folder: string; readonly maxBytes: number },
): Promise<SpooledPicture> {
  const path = join(folder, createSecret());
  const handle = await open(path, 'wx');
  try {
    const writer = new PictureWriter(handle, maxBytes);
    for await (const chunk of source) await writer.take(chunk);
    const { bytes, mimeType } = await writer.end();
    await handle.close();
    return { file: { path, bytes }, mimeType };
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
}

class PictureWriter {
  readonly #handle: FileHandle;
  readonly #maxBytes: number;
  readonly #buffer = Buffer.allocUnsafeSlow(bufferBytes);
  #buffered = 0;
  #bytes = 0;
  #mimeType: ImageType | undefined;

  constructor(handle: FileHandle, maxBytes: number) {
    this.#handle = handle;
    this.#maxBytes = maxBytes;
  }

  async take(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) throw createTooLargeFailure(this.#maxBytes);
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + bufferBytes - this.#buffered);
      this.#buffer.set(piece, this.#buffered);
      this.#buffered += piece.length;
      at += piece.length;
      if (this.#buffered === bufferBytes) await this.#flush();
    }
  }

  async end(): Promise<{ readonly bytes: number; readonly mimeType: ImageType }> {
    const mimeType = await this.#flush();
    return { bytes: this.#bytes, mimeType };
  }

  async #flush(): Promise<ImageType> {
    this.#mimeType ??= judge(this.#buffer.subarray(0, this.#buffered));
    for (let at = 0; at < this.#buffered; ) {
      at += (await this.#handle.write(this.#buffer, at, this.#buffered - at)).bytesWritten;
    }
    this.#buffered = 0;
    return this.#mimeType;
  }
}

function judge(start: Buffer): ImageType {
  const type = sniffImageType(start);
  if (type) return assertImaginable(start, type);
  if (start.length === 0) throw new ReferenceFailure('it is empty');
  const content = describeContent(start);
  throw new ReferenceFailure(content ? `it is ${content}, ${taken}: convert it to PNG or JPEG` : `it is ${taken}`);
}

const taken = 'not a PNG, JPEG, WebP, HEIC, HEIF, GIF, BMP, TIFF or AVIF picture';

/** A PNG declares its size so early that one which nobody can decode is not even received. */
function assertImaginable(start: Buffer, type: ImageType): ImageType {
  if (type !== 'image/png' || start.length < 24 || start.toString('latin1', 12, 16) !== 'IHDR') return type;
  const [width, height] = [start.readUInt32BE(16), start.readUInt32BE(20)];
  const excess = describePixelExcess({ width, height });
  if (excess !== undefined) throw new ReferenceFailure(`it ${excess}`);
  return type;
}
