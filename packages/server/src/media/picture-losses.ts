import type { StoredPicture } from '../core/stored-picture.ts';
import type { Clock } from '../platform/clock.ts';
import type { DamageCount } from '../platform/damage.ts';
import type { RemovalStore } from '../store/removal-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { MediaStore, PublicPicture } from './media-store.ts';
import { isThumbnailName, parsePictureName } from './picture-name.ts';
import { Remembered } from './remembered.ts';
import { readThumbnailBytes } from './thumbnail-bytes.ts';

export interface PictureLossesOptions {
  readonly media: Pick<MediaStore, 'find' | 'open'>;
  readonly store: Pick<RequestStore, 'findPicture'>;
  readonly removals: Pick<RemovalStore, 'isRemoved'>;
  readonly clock: Clock;
  readonly damage: Pick<DamageCount, 'metPicture'>;
}

export type LookedUp =
  | { readonly kind: 'there'; readonly picture: PublicPicture }
  | { readonly kind: 'missing' }
  /** It was removed from the storage on purpose. */
  | { readonly kind: 'removed' }
  /** A row names the picture, or it is a thumbnail, but its file is missing or has a different length than before. */
  | { readonly kind: 'lost' };

/** How long a picture that was found intact counts as intact for code that only says whether it exists. */
const trustedMs = 10 * 60_000;

const none: ReadonlySet<string> = new Set();

/** For how many pictures a process remembers their length, and when they were found intact. */
const maxRemembered = 10_000;

/**
 * Distinguishes pictures that the storage has lost, or has only a part of, from pictures that never existed. Rows
 * record the length of every picture, and thumbnails contain their own. That length is read once; the storage is asked
 * each time, where it is asked anyway. No row covers uploads that went straight to a bucket.
 */
export class PictureLosses {
  readonly #options: PictureLossesOptions;
  readonly #bytes = new Remembered<number>(maxRemembered);
  readonly #wellAt = new Remembered<number>(maxRemembered);

  constructor(options: PictureLossesOptions) {
    this.#options = options;
  }

  /** Rejects with `MediaUnreadableError`, as `MediaStore.find` does. */
  async find(name: string): Promise<LookedUp> {
    if (!parsePictureName(name)) return { kind: 'missing' };
    const [picture, bytes] = await Promise.all([this.#options.media.find(name), this.#findBytes(name)]);
    const found = judge(picture, bytes);
    if (found.kind === 'lost') return this.#findAgain(name);
    if (found.kind === 'missing') return this.#toAbsence(name);
    if (found.kind === 'there') this.#wellAt.set(name, this.#options.clock.now());
    return found;
  }

  /**
   * The names of those that are lost. A picture that was stored or found intact in the last ten minutes is not checked. A
   * picture does not count as lost when the storage cannot tell.
   */
  async among(pictures: readonly StoredPicture[], storedAt: number): Promise<ReadonlySet<string>> {
    const since = this.#options.clock.now() - trustedMs;
    const looked = storedAt >= since ? [] : pictures.filter(({ name }) => (this.#wellAt.get(name) ?? 0) < since);
    if (looked.length === 0) return none;
    const lost = await Promise.all(looked.map((picture) => this.#isLost(picture)));
    return new Set(looked.filter((_, index) => lost[index]).map(({ name }) => name));
  }

  async #isLost({ name, bytes }: StoredPicture): Promise<boolean> {
    this.#bytes.set(name, bytes);
    return this.find(name).then(
      ({ kind }) => kind === 'lost',
      () => false,
    );
  }

  /**
   * An upload may have arrived since the storage was asked, or may have expired since it was remembered; hence this
   * order, and another look.
   */
  async #findAgain(name: string): Promise<LookedUp> {
    const { media, damage } = this.#options;
    const bytes = await this.#readBytes(name);
    const picture = await media.find(name);
    const found = judge(picture, bytes);
    if (found.kind === 'missing') return this.#toAbsence(name);
    if (found.kind === 'lost') damage.metPicture({ name, expected_bytes: bytes, found_bytes: picture?.bytes });
    return found;
  }

  async #toAbsence(name: string): Promise<LookedUp> {
    return { kind: (await this.#options.removals.isRemoved(name)) ? 'removed' : 'missing' };
  }

  async #findBytes(name: string): Promise<number | undefined> {
    return this.#bytes.get(name) ?? (await this.#readBytes(name));
  }

  async #readBytes(name: string): Promise<number | undefined> {
    const { media, store } = this.#options;
    const bytes = isThumbnailName(name)
      ? await readThumbnailBytes(media, name)
      : (await store.findPicture(name))?.bytes;
    if (bytes !== undefined) this.#bytes.set(name, bytes);
    return bytes;
  }
}

function judge(picture: PublicPicture | undefined, bytes: number | undefined): LookedUp {
  if (picture && (bytes === undefined || bytes === picture.bytes)) return { kind: 'there', picture };
  return { kind: bytes === undefined ? 'missing' : 'lost' };
}
