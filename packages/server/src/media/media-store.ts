import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ImageOutputFormat, Pixels } from '@darkroom/protocol';
import type { StoredPicture } from '../core/stored-picture.ts';
import { createSecret } from '../platform/ids.ts';
import type { SpoolFile } from '../spool/spooled-string.ts';
import { MediaUnwritableError, UnreadablePictureError } from './media-errors.ts';
import { assertDecodable, type PictureHead, readPictureHead, transcodePicture } from './picture-codec.ts';
import { contentTypes, extensions, parsePictureName, toKey } from './picture-name.ts';
import type { ByteRange, StorageDriver } from './storage-driver.ts';

/** A picture of an answer as it lies in the spool folder. */
interface SpooledPicture {
  readonly file: SpoolFile;
  readonly signature?: SpoolFile;
}

/** What the request wanted the picture to be. */
interface AskedPicture {
  readonly format: ImageOutputFormat;
  readonly pixels: Pixels;
}

/** A stored picture, as far as serving it goes. */
export interface PublicPicture {
  /** The size of the whole picture. */
  readonly bytes: number;
  readonly contentType: string;
  /** A strong validator, with its quotes: the bytes under a name never change. */
  readonly etag: string;
}

interface OpenPicture extends PublicPicture {
  readonly stream: Readable;
}

/**
 * The room of the stored pictures. The rules are here, the bytes in a `StorageDriver`: a picture is what its bytes say,
 * whatever was declared; it has the format that was asked for; its name cannot be guessed, and who knows it may see it.
 * The bytes as the upstream sent them and the thought signature lie under private keys, which no URL leads to.
 */
export class MediaStore {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  /**
   * Stores a picture in the format that was asked for, and what belongs to it. When it resolves, everything is durable and
   * the picture is readable at its URL; the picture itself is written last. Files of the spool folder stay as they are.
   *
   * Rejects with `UnreadablePictureError` when the bytes cannot be decoded, with `MediaUnwritableError` when they cannot be
   * stored; then nothing is left behind.
   */
  async keep(picture: SpooledPicture, asked: AskedPicture): Promise<StoredPicture> {
    const head = await readPictureHead(picture.file);
    if (head.type === contentTypes[asked.format]) {
      await assertDecodable(picture.file);
      return this.#store({ picture, head, asked, shown: picture.file });
    }
    // A name of its own, since the same file may be kept twice at the same time.
    const path = `${picture.file.path}.${createSecret()}`;
    try {
      const shown = await transcode(picture.file, asked.format, path);
      return await this.#store({ picture, head, asked, shown });
    } finally {
      // When this fails the spool folder's owner removes it with the rest; the picture's fate is the answer here.
      await rm(path, { force: true }).catch(() => {});
    }
  }

  /** The picture's size and type, or `undefined` when there is none of this name. */
  async find(name: string): Promise<PublicPicture | undefined> {
    const picture = parsePictureName(name);
    const found = picture && (await this.#driver.stat(toKey('pictures', name)));
    return found && { ...picture, bytes: found.bytes };
  }

  /** The picture's bytes, or those of a range inside it. The caller reads the stream to its end or destroys it. */
  async open(name: string, range?: ByteRange): Promise<OpenPicture | undefined> {
    const picture = parsePictureName(name);
    const found = picture && (await this.#driver.read(toKey('pictures', name), range));
    return found && { ...picture, bytes: found.bytes, stream: found.stream };
  }

  /** Resolves when pictures can be stored; rejects with a sentence that says what to do when not. Call it before use. */
  check(): Promise<void> {
    return this.#driver.check();
  }

  async #store(developed: DevelopedPicture): Promise<StoredPicture> {
    const { shown, head, asked } = developed;
    const sha256 = await digest(shown);
    const { name, original, signature, objects } = toObjects(createSecret(), developed);
    await this.#writeAll(objects);
    return {
      name,
      format: asked.format,
      bytes: shown.bytes,
      sha256,
      ...head.pixels,
      ...(!areSamePixels(head.pixels, asked.pixels) && { asked: asked.pixels }),
      ...(original && { originalKey: original.key }),
      ...(signature && { signatureKey: signature.key }),
    };
  }

  /** One after the other, or none of them. */
  async #writeAll(objects: readonly NewObject[]): Promise<void> {
    const written: string[] = [];
    try {
      for (const { key, file, contentType } of objects) {
        await this.#driver.write(key, file.path, { contentType });
        written.push(key);
      }
    } catch (cause) {
      // The storage is in trouble, so this may fail too; the first error is the one to tell.
      await Promise.allSettled(written.map((key) => this.#driver.delete(key)));
      throw toUnwritable(cause);
    }
  }
}

interface DevelopedPicture {
  readonly picture: SpooledPicture;
  readonly head: PictureHead;
  readonly asked: AskedPicture;
  /** The bytes in the format that was asked for: the picture's own, or transcoded ones. */
  readonly shown: SpoolFile;
}

interface NewObject {
  readonly key: string;
  readonly file: SpoolFile;
  readonly contentType: string;
}

/** The objects of a picture in the order in which they are written: whoever sees the last has all. */
function toObjects(id: string, { picture, head, asked, shown }: DevelopedPicture) {
  const name = `${id}.${extensions[contentTypes[asked.format]]}`;
  const original: NewObject | undefined =
    shown === picture.file
      ? undefined
      : { key: toKey('originals', `${id}.${extensions[head.type]}`), file: picture.file, contentType: head.type };
  const signature: NewObject | undefined = picture.signature && {
    key: toKey('signatures', id),
    file: picture.signature,
    contentType: 'text/plain',
  };
  const last: NewObject = { key: toKey('pictures', name), file: shown, contentType: contentTypes[asked.format] };
  return { name, original, signature, objects: [signature, original, last].filter((object) => object !== undefined) };
}

async function transcode(file: SpoolFile, format: ImageOutputFormat, path: string): Promise<SpoolFile> {
  try {
    return await transcodePicture(file, format, path);
  } catch (error) {
    throw error instanceof UnreadablePictureError ? error : toUnwritable(error);
  }
}

function toUnwritable(cause: unknown): MediaUnwritableError {
  return new MediaUnwritableError('The picture was made and could not be stored.', { cause });
}

/** SHA-256 in hexadecimal. */
async function digest(file: SpoolFile): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file.path, { highWaterMark: 256 * 1024 }), hash);
  return hash.digest('hex');
}

function areSamePixels(left: Pixels, right: Pixels): boolean {
  return left.width === right.width && left.height === right.height;
}
