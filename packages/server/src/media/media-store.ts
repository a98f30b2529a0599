import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SpoolFile } from '@darkroom/json-stream';
import type { Pixels } from '@darkroom/protocol';
import type { MediaAddress } from '../core/media-url.ts';
import type { StoredPicture } from '../core/stored-picture.ts';
import { createSecret } from '../platform/ids.ts';
import { developPicture, planDevelopment } from './codec/develop-picture.ts';
import type { HeadedPicture } from './codec/picture-codec.ts';
import { readPictureHead } from './codec/picture-head.ts';
import { MediaUnreadableError, MediaUnwritableError, UnreadablePictureError } from './media-errors.ts';
import { cacheControl, ObjectWriter } from './object-writer.ts';
import { type PictureFacts, readPictureFacts } from './picture-facts.ts';
import {
  createPictureName,
  createUploadName,
  isUploadName,
  parsePictureName,
  toImageType,
  toKey,
  toPictureKey,
} from './picture-name.ts';
import { type AskedPicture, type NewObject, type SpooledAnswer, toObjects } from './picture-objects.ts';
import { hashFile } from './sha256.ts';
import type { ImageType } from './sniff-image-type.ts';
import type { ByteRange, StorageDriver, StoredObject } from './storage-driver.ts';

/** A copy of a stored object, in a spool folder. */
export interface SpooledMedia {
  readonly file: SpoolFile;
  readonly mimeType: ImageType;
}

export interface KeepOptions {
  /**
   * Called with keys before the first of them is written, and awaited. Code that records the keys can then remove what a killed
   * process leaves behind. When it rejects, nothing is written under them. Called again only for keys that nobody could foresee.
   */
  readonly onKeys?: (keys: readonly string[]) => Promise<void>;
}

/** What serving needs to know about a stored picture. */
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

/** How others reach pictures in a bucket. Without any of these, the pictures pass through this service. */
export interface MediaStoreOptions {
  /** The public address of the bucket, without a trailing slash; the keys follow it. */
  readonly bucketUrl?: string | undefined;
  /** How long the signed addresses for reading pictures are valid. With this, the bucket also accepts uploads directly. */
  readonly signedUrlSeconds?: number | undefined;
}

/** An address of an object in the bucket that is valid for some time. */
export interface SignedLink {
  readonly url: string;
  readonly seconds: number;
}

/**
 * The stored pictures. The rules are here, the bytes in a `StorageDriver`. The bytes of a picture decide its type,
 * whatever was declared; it has the requested format; its name cannot be guessed, and anybody who knows it may see the
 * picture. The upstream's own bytes and the signature are under private keys, which no URL leads to.
 */
export class MediaStore {
  readonly #driver: StorageDriver;
  readonly #options: MediaStoreOptions;

  constructor(driver: StorageDriver, options: MediaStoreOptions = {}) {
    this.#driver = driver;
    this.#options = options;
  }

  /** The address of the picture of this name for others; `publicUrl` is the service's own address, without a trailing slash. */
  toAddress(name: string, publicUrl: string): MediaAddress {
    // The public must not read a picture from the bucket that nobody has checked.
    const bucketUrl = isUploadName(name) ? undefined : this.#options.bucketUrl;
    const key = toPictureKey(name);
    const gsUri = this.#driver.links?.toUri?.(key);
    return {
      url: bucketUrl === undefined ? `${publicUrl}/media/${name}` : `${bucketUrl}/${key}`,
      ...(gsUri !== undefined && { gsUri }),
    };
  }

  /** A signed address of the picture in its bucket, if pictures are to be read there. */
  async signRead(name: string): Promise<SignedLink | undefined> {
    const { signedUrlSeconds: seconds } = this.#options;
    const { links } = this.#driver;
    if (seconds === undefined || !links) return undefined;
    return { url: await links.signRead(toPictureKey(name), seconds), seconds };
  }

  /**
   * A new name, and the address at which the bucket accepts a picture of this type under it; `undefined` when uploads
   * must pass through this service. Nobody has checked such a picture; `isUploadName` recognizes its name.
   */
  async signUpload(type: ImageType, seconds: number): Promise<{ name: string; url: string } | undefined> {
    const { links } = this.#driver;
    if (this.#options.signedUrlSeconds === undefined || !links) return undefined;
    const name = createUploadName(type);
    return { name, url: await links.signWrite(toPictureKey(name), { contentType: type, seconds }) };
  }

  /** The origins, besides the service's own, that pictures are read from. */
  async listOrigins(): Promise<readonly string[]> {
    const { bucketUrl } = this.#options;
    const signed = await this.signRead('any.png');
    return [bucketUrl, signed?.url].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
  }

  /**
   * Stores a picture in the requested format, together with its original and signature. When this resolves, everything
   * is durable and the picture can be read at its URL; the picture itself is written last. Files of the spool folder do
   * not change.
   *
   * Rejects with `UnreadablePictureError` when the bytes cannot be decoded, and with `MediaUnwritableError` when they
   * cannot be stored; nothing is then left behind.
   */
  async keep(picture: SpooledAnswer, asked: AskedPicture, options: KeepOptions = {}): Promise<StoredPicture> {
    const headed = { file: picture.file, head: await readPictureHead(picture.file) };
    // A unique name, because the same file may be kept twice at the same time.
    const path = `${picture.file.path}.${createSecret()}`;
    const writer = new ObjectWriter(this.#driver, options);
    // If this fails, the spool folder's owner removes the files with the rest; only the picture's result is returned here.
    const removeMade = () => Promise.allSettled([path, `${path}.mended`].map((made) => rm(made, { force: true })));
    try {
      const { stored, isNew } = await this.#keep({ picture, asked, ...headed }, writer, path);
      if (isNew) await removeMade();
      return stored;
    } catch (error) {
      await Promise.all([writer.discard(), removeMade()]);
      throw error instanceof UnreadablePictureError ? error : toUnwritable(error);
    }
  }

  /** What is known before the picture is developed is written meanwhile. `isNew`: a new file was made. */
  async #keep({ picture, asked, ...headed }: AnsweredPicture, writer: ObjectWriter, path: string) {
    const { head } = headed;
    const id = createSecret();
    const plan = planDevelopment(headed, asked);
    const reading = plan.shown && readPictureFacts(headed);
    const isWhole = async () => (await reading)?.isWhole ?? false;
    const [developed, known] = await allEnded([
      developPicture(headed, { ...asked, path, isWhole }),
      reading,
      writer.write(toObjects(id, { picture, head, asked, ...plan }).objects),
    ]);
    const { shown, format, flaw, pixels = head.pixels } = developed;
    const { name, original, signature, objects } = toObjects(id, { picture, head, asked, format, shown });
    const [facts] = await allEnded([
      known && shown === plan.shown ? known.kept : readFacts(headed, shown),
      writer.writeOnly(objects),
    ]);
    const stored: StoredPicture = {
      name,
      format,
      bytes: shown.bytes,
      ...facts,
      width: pixels.width,
      height: pixels.height,
      ...(asked.pixels && !areSamePixels(pixels, asked.pixels) && { asked: asked.pixels }),
      ...(flaw !== undefined && { flaw }),
      ...(original && { originalKey: original.key }),
      ...(signature && { signatureKey: signature.key }),
    };
    return { stored, isNew: shown !== picture.file };
  }

  /** The picture's size and type, or `undefined` when no picture has this name. Rejects with `MediaUnreadableError`. */
  async find(name: string): Promise<PublicPicture | undefined> {
    const picture = parsePictureName(name);
    const found = picture && (await reading(this.#driver.stat(toPictureKey(name))));
    return found && { ...picture, bytes: found.bytes };
  }

  /** The size of the object with this key in bytes; `undefined` when it is missing. Rejects with `MediaUnreadableError`. */
  async measure(key: string): Promise<number | undefined> {
    return (await reading(this.#driver.stat(key)))?.bytes;
  }

  /**
   * The picture's bytes, or those of a range inside it. The caller reads the stream to its end or destroys it. Rejects
   * with `MediaUnreadableError`, as every method does that reads from the storage.
   */
  async open(name: string, range?: ByteRange): Promise<OpenPicture | undefined> {
    const picture = parsePictureName(name);
    const found = picture && (await reading(this.#driver.read(toPictureKey(name), range)));
    return found && { ...picture, bytes: found.bytes, stream: found.stream };
  }

  /** The bytes of a private object, such as a signature or an original; `undefined` when it is missing. See `open`. */
  async openObject(key: string): Promise<StoredObject | undefined> {
    return reading(this.#driver.read(key));
  }

  /**
   * Stores a picture unchanged (the caller's own or a thumbnail) under a new name or under `name`. Its type was
   * determined from its bytes. Makes the same promises as `keep`.
   */
  async keepAsIs(file: SpoolFile, type: ImageType, name = createPictureName(type)): Promise<string> {
    // Not by `#writeAll`, which removes what it could not write: the same upload may arrive twice at the same time.
    await this.#driver
      .write(toPictureKey(name), file.path, { contentType: type, cacheControl })
      .catch((cause: unknown) => {
        throw toUnwritable(cause);
      });
    return name;
  }

  /** Stores the signature of a text, and resolves to its key. */
  async keepSignature(file: SpoolFile, options: KeepOptions = {}): Promise<string> {
    const key = toKey('signatures', createSecret());
    await this.#writeAll([{ key, file, contentType: 'text/plain' }], options);
    return key;
  }

  /** A copy of a public picture in a new file of `folder`; `undefined` when no picture has this name. */
  async spool(name: string, folder: string): Promise<SpooledMedia | undefined> {
    const picture = parsePictureName(name);
    const file = picture && (await this.#spool(toPictureKey(name), folder));
    return file && { file, mimeType: picture.contentType };
  }

  /** A copy of the picture's bytes as the upstream sent them. */
  async spoolOriginal({ name, originalKey }: StoredPicture, folder: string): Promise<SpooledMedia | undefined> {
    const file = await this.#spool(originalKey ?? toPictureKey(name), folder);
    return file && { file, mimeType: toImageType(originalKey ?? name) };
  }

  /** A copy of a signature. */
  spoolSignature(key: string, folder: string): Promise<SpoolFile | undefined> {
    return this.#spool(key, folder);
  }

  /** Removes objects, whether they exist or not. Rejects when one could not be removed; the others are then removed. */
  async discard(keys: readonly string[]): Promise<void> {
    const results = await Promise.allSettled(keys.map((key) => this.#driver.delete(key)));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be removed from the storage.');
  }

  /**
   * Removes objects that were stored whole, whether they still exist or not, in as few calls as the storage allows. Rejects when
   * not all of them could be removed.
   */
  async discardStored(keys: readonly string[]): Promise<void> {
    if (this.#driver.deleteStored) await this.#driver.deleteStored(keys);
    else await this.discard(keys);
  }

  /** Resolves when pictures can be stored; otherwise rejects with a sentence that says what to do. Call it before use. */
  check(): Promise<void> {
    return this.#driver.check();
  }

  async #spool(key: string, folder: string): Promise<SpoolFile | undefined> {
    const found = await reading(this.#driver.read(key));
    if (!found) return undefined;
    const path = join(folder, createSecret());
    await reading(pipeline(found.stream, createWriteStream(path, { flags: 'wx' })));
    return { path, bytes: found.bytes };
  }

  /** Writes one after the other; when one fails, none is left. */
  async #writeAll(objects: readonly NewObject[], options: KeepOptions): Promise<void> {
    const writer = new ObjectWriter(this.#driver, options);
    try {
      await writer.write(objects);
    } catch (cause) {
      await writer.discard();
      throw toUnwritable(cause);
    }
  }
}

interface AnsweredPicture extends HeadedPicture {
  readonly picture: SpooledAnswer;
  readonly asked: AskedPicture;
}

/** What the bytes that are shown say. A picture that was encoded here has no credentials. */
async function readFacts(picture: HeadedPicture, shown: SpoolFile): Promise<PictureFacts['kept']> {
  if (shown !== picture.file) return { sha256: await hashFile(shown.path) };
  return (await readPictureFacts(picture)).kept;
}

/** As `Promise.all`, but rejects only when all have ended. Of several errors, the first in the list counts. */
async function allEnded<T extends readonly unknown[]>(works: readonly [...T]) {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

function reading<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    throw new MediaUnreadableError('The storage for pictures could not be read.', { cause });
  });
}

function toUnwritable(cause: unknown): MediaUnwritableError {
  return new MediaUnwritableError('The picture was made but could not be stored.', { cause });
}

function areSamePixels(left: Pixels, right: Pixels): boolean {
  return left.width === right.width && left.height === right.height;
}
