import type { PictureFile } from '../core/stored-picture.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { MediaStore } from './media-store.ts';
import { toPictureKey } from './picture-name.ts';

export interface ExamineOptions {
  readonly store: Pick<RequestStore, 'findPicture' | 'listPictures'>;
  readonly media: Pick<MediaStore, 'measure'>;
  /** Checks at most this many pictures. */
  readonly most: number;
  /** Called after each batch with the number of pictures checked so far. */
  readonly onProgress: (examined: number) => void;
}

export interface ExaminedPictures {
  readonly examined: number;
  /** Were these all pictures? */
  readonly isAll: boolean;
  readonly missing: Losses;
  readonly cut: Losses;
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
 * Compares the pictures that rows name (made or uploaded), and the originals of those that were made, with the storage.
 * Only one batch of rows is in memory, only sizes are compared, and no file is read. Names are random, so the first
 * ones are a fair sample of all.
 */
export async function examinePictures({ store, media, most, onProgress }: ExamineOptions): Promise<ExaminedPictures> {
  const lost = { missing: createLosses(), cut: createLosses() };
  let examined = 0;
  for (let after: string | undefined; ; ) {
    const limit = Math.min(batchRows, most - examined);
    if (limit === 0) return { examined, isAll: (await list(store, after, 1)).length === 0, ...lost };
    const pictures = await list(store, after, limit);
    for (let at = 0; at < pictures.length; at += atATime) {
      const some = pictures.slice(at, at + atATime);
      const states = await Promise.all(some.map((picture) => examine(picture, { store, media })));
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

type State = 'whole' | 'missing' | 'cut';

function list(store: ExamineOptions['store'], after: string | undefined, limit: number) {
  return store.listPictures({ ...(after !== undefined && { after }), limit });
}

async function examine(
  picture: PictureFile,
  { store, media }: Pick<ExamineOptions, 'store' | 'media'>,
): Promise<State> {
  const state = await compare(picture, media);
  // An upload may have expired since it was listed.
  return state === 'whole' || (await store.findPicture(picture.name)) ? state : 'whole';
}

async function compare({ name, bytes, originalKey }: PictureFile, media: ExamineOptions['media']): Promise<State> {
  const found = await media.measure(toPictureKey(name));
  if (found === undefined) return 'missing';
  if (found !== bytes) return 'cut';
  // The length of an original is not recorded, but it is never empty.
  if (originalKey === undefined) return 'whole';
  const original = await media.measure(originalKey);
  if (original === undefined) return 'missing';
  return original === 0 ? 'cut' : 'whole';
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
