import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { SpoolFile } from '@darkroom/json-stream';
import pLimit from 'p-limit';
import { drawThumbnail } from './codec/picture-codec.ts';
import { readPictureHead } from './codec/picture-head.ts';
import { MediaUnreadableError, UnreadablePictureError } from './media-errors.ts';
import type { MediaStore, PublicPicture } from './media-store.ts';
import type { LookedUp, PictureLosses } from './picture-losses.ts';
import { toPictureKey, toThumbnailName } from './picture-name.ts';
import { Remembered } from './remembered.ts';

export interface ThumbnailsOptions {
  readonly media: MediaStore;
  /** Says which pictures are whole, including thumbnails. */
  readonly losses: Pick<PictureLosses, 'find'>;
  /** An existing folder for files in transit. */
  readonly folder: string;
  /** How long making a thumbnail may take, including the wait for its turn; 20 seconds by default. */
  readonly makingMs?: number;
}

export type FoundThumbnail =
  /** The name of a public picture. */
  | { readonly kind: 'there'; readonly name: string; readonly picture: PublicPicture }
  /** Its picture does not exist, or is no longer whole. */
  | Absent
  /** The picture cannot be decoded; the reason is a sentence. */
  | Unreadable
  /** Too many are requested; it may be made later. */
  | { readonly kind: 'busy' };

type Absent = Exclude<LookedUp, { readonly kind: 'there' }>;

interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
}

const maxSide = 512;

/** The machine's main work is making pictures, so viewers get only a part of it. */
const atATime = 2;
const maxWaiting = 64;

/** For how many pictures it is remembered that they cannot be decoded; each takes a few hundred bytes. */
const maxVerdicts = 10_000;

/** More than twice the largest that was seen, a PNG of 4K. Only uploads that went straight to a bucket can be larger. */
const maxBytes = 64_000_000;

/**
 * Small copies of the public pictures. Each is made when it is first asked for, and then kept beside its picture. A
 * thumbnail is shown only while its picture exists and is whole. If the storage has only a part of a thumbnail, it is
 * made again. Processes do not know of one another: two that make the same thumbnail replace equal bytes.
 */
export class Thumbnails {
  readonly #options: Required<ThumbnailsOptions>;
  readonly #places = pLimit(atATime);
  /**
   * Thumbnails that are being made or wait for it, by the name of the picture: callers that come meanwhile wait for the
   * same one.
   */
  readonly #makings = new Map<string, Promise<FoundThumbnail>>();
  /** Pictures that cannot be decoded, by name and size: they are not read again. */
  readonly #verdicts = new Remembered<Unreadable>(maxVerdicts);

  constructor(options: ThumbnailsOptions) {
    this.#options = { makingMs: 20_000, ...options };
  }

  /**
   * The thumbnail of the picture of this name; makes it if it does not exist. Rejects when the storage cannot be read
   * or written.
   */
  async find(name: string): Promise<FoundThumbnail> {
    const { losses } = this.#options;
    const thumbnail = toThumbnailName(name);
    const [found, made] = await Promise.all([losses.find(name), losses.find(thumbnail)]);
    if (found.kind !== 'there') return found;
    if (made.kind === 'there') return { ...made, name: thumbnail };
    const { picture } = found;
    return this.#verdicts.get(toVerdictName(name, picture)) ?? this.#makings.get(name) ?? this.#begin(name, picture);
  }

  /** Resolves when no thumbnail is being made any more. Call it when `find` is no longer called. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#makings.values());
  }

  async #begin(name: string, picture: PublicPicture): Promise<FoundThumbnail> {
    if (picture.bytes > maxBytes) return { kind: 'unreadable', reason: 'The picture is larger than 64 MB.' };
    if (this.#makings.size >= atATime + maxWaiting) return { kind: 'busy' };
    // The time counts from now, so that nobody in the queue waits longer than those before.
    const signal = AbortSignal.timeout(this.#options.makingMs);
    const making = this.#places(() => this.#make(name, picture, signal)).finally(() => this.#makings.delete(name));
    this.#makings.set(name, making);
    return making;
  }

  async #make(name: string, picture: PublicPicture, signal: AbortSignal): Promise<FoundThumbnail> {
    if (signal.aborted) return { kind: 'busy' };
    const folder = await mkdtemp(path.join(this.#options.folder, 'thumbnail-'));
    try {
      return await this.#makeIn(folder, name, signal);
    } catch (error) {
      if (signal.aborted) return { kind: 'busy' };
      if (!(error instanceof UnreadablePictureError)) throw error;
      const verdict: Unreadable = { kind: 'unreadable', reason: error.message };
      this.#verdicts.set(toVerdictName(name, picture), verdict);
      return verdict;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #makeIn(folder: string, name: string, signal: AbortSignal): Promise<FoundThumbnail> {
    const { media, losses, makingMs } = this.#options;
    const full = await this.#spool(name, path.join(folder, 'full'), signal);
    if (!full) return { kind: 'missing' };
    const head = await readPictureHead(full);
    const seconds = Math.ceil(makingMs / 1_000);
    const small = await drawThumbnail({ file: full, head }, path.join(folder, 'small'), { maxSide, seconds, signal });
    const thumbnail = await media.keepAsIs(small, 'image/webp', toThumbnailName(name));
    // The picture may have been removed meanwhile, and the thumbnail that was removed with it would be back.
    const whole = await losses.find(name);
    if (whole.kind !== 'there') {
      await media.discardStored([toPictureKey(thumbnail)]);
      return whole;
    }
    const made = await losses.find(thumbnail);
    return made.kind === 'there' ? { ...made, name: thumbnail } : made;
  }

  async #spool(name: string, file: string, signal: AbortSignal): Promise<SpoolFile | undefined> {
    const found = await this.#options.media.open(name);
    if (!found) return undefined;
    await pipeline(found.stream, createWriteStream(file, { flags: 'wx' }), { signal }).catch((cause: unknown) => {
      throw new MediaUnreadableError('A picture broke off on its way from the storage.', { cause });
    });
    return { path: file, bytes: found.bytes };
  }
}

/** Includes the size, because a bucket may accept another upload under the same name for a while. */
function toVerdictName(name: string, { bytes }: PublicPicture): string {
  return `${name} ${bytes}`;
}
