import type { ListedPicture } from '../core/stored-picture.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { MediaStore } from './media-store.ts';
import { toPictureKey } from './picture-name.ts';
import { hashStream } from './sha256.ts';

export interface ExamineOptions {
  readonly store: Pick<RequestStore, 'findPicture' | 'listPictures'>;
  readonly media: Pick<MediaStore, 'measure' | 'openObject'>;
  /** Checks at most this many pictures. */
  readonly most: number;
  /** Reads every byte, and compares the SHA-256 of each picture whose row has it. Otherwise only lengths are compared. */
  readonly readsBytes: boolean;
  /** Called with the key of every object that a row names. */
  readonly onKey?: (key: string) => void;
  /** Called after each batch with the number of pictures checked so far. */
  readonly onProgress: (examined: number) => void;
}

export interface ExaminedPictures {
  readonly examined: number;
  /** Were these all pictures? */
  readonly isAll: boolean;
  readonly missing: Losses;
  readonly cut: Losses;
  /** They have the right length and other bytes. */
  readonly changed: Losses;
  /** Their rows are damaged. */
  readonly unreadable: Losses;
}

/** However many there are, only the first ones are named. */
export interface Losses {
  readonly count: number;
  readonly names: readonly string[];
}

const batchRows = 256;
const atATime = 16;
const maxNames = 5;

/**
 * Compares the pictures that rows name (made or uploaded), and the originals and signatures of those that were made, with the
 * storage. Only one batch of rows is in memory. Names are random, so the first ones are a fair sample of all.
 */
export async function examinePictures(options: ExamineOptions): Promise<ExaminedPictures> {
  const { store, most, onProgress } = options;
  const lost = {
    missing: createLosses(),
    cut: createLosses(),
    changed: createLosses(),
    unreadable: createLosses(),
  };
  let examined = 0;
  for (let after: string | undefined; ; ) {
    const limit = Math.min(batchRows, most - examined);
    if (limit === 0) return { examined, isAll: (await list(store, after, 1)).length === 0, ...lost };
    const pictures = await list(store, after, limit);
    for (let at = 0; at < pictures.length; at += atATime) {
      const some = pictures.slice(at, at + atATime);
      const states = await Promise.all(some.map((picture) => examine(picture, options)));
      states.forEach((state, index) => {
        if (state !== 'whole') lost[state].add(some[index]?.name ?? '');
      });
    }
    examined += pictures.length;
    onProgress(examined);
    if (pictures.length < limit) return { examined, isAll: true, ...lost };
    after = pictures.at(-1)?.name;
  }
}

type State = 'whole' | 'missing' | 'cut' | 'changed' | 'unreadable';

function list(store: ExamineOptions['store'], after: string | undefined, limit: number) {
  return store.listPictures({ ...(after !== undefined && { after }), limit });
}

async function examine(picture: ListedPicture, options: ExamineOptions): Promise<State> {
  const { name, bytes, otherKeys = [] } = picture;
  for (const key of [toPictureKey(name), ...otherKeys]) options.onKey?.(key);
  if (bytes === undefined) return 'unreadable';
  const state = await compare({ ...picture, bytes }, options);
  // It may have expired since it was listed.
  return state === 'whole' || (await options.store.findPicture(name)) ? state : 'whole';
}

async function compare(
  { name, bytes, sha256, otherKeys = [] }: ListedPicture & { readonly bytes: number },
  { media, readsBytes }: Pick<ExamineOptions, 'media' | 'readsBytes'>,
): Promise<State> {
  const state = await compareObject({ key: toPictureKey(name), bytes }, media);
  if (state !== 'whole') return state;
  for (const key of otherKeys) {
    const other = await compareObject({ key }, media);
    if (other !== 'whole') return other;
  }
  if (!readsBytes) return 'whole';
  for (const key of otherKeys) if ((await hashObject(key, media)) === undefined) return 'missing';
  const found = await hashObject(toPictureKey(name), media);
  if (found === undefined) return 'missing';
  return sha256 === undefined || sha256 === found ? 'whole' : 'changed';
}

/** The length of an original or a signature is not recorded, but it is never empty. */
async function compareObject(
  { key, bytes }: { readonly key: string; readonly bytes?: number },
  media: ExamineOptions['media'],
): Promise<State> {
  const found = await media.measure(key);
  if (found === undefined) return 'missing';
  return (bytes === undefined ? found > 0 : found === bytes) ? 'whole' : 'cut';
}

/** Rejects when the storage cannot read it to its end. */
async function hashObject(key: string, media: ExamineOptions['media']): Promise<string | undefined> {
  const found = await media.openObject(key);
  return found && hashStream(found.stream);
}

function createLosses() {
  const names: string[] = [];
  return {
    count: 0,
    names,
    add(name: string) {
      this.count += 1;
      if (names.length < maxNames) names.push(name);
    },
  };
}
