import type { ListedPicture } from '../../core/stored-picture.ts';
import { toPictureKey } from '../../media/picture-name.ts';
import type { BackupSource, Rows } from './backup-source.ts';
import type { Manifest } from './manifest.ts';
import type { ObjectCopier } from './object-copier.ts';
import type { WritableObjectList } from './object-list.ts';

interface Comparing {
  readonly source: Pick<BackupSource, 'openRows'>;
  readonly list: WritableObjectList;
  readonly copier: ObjectCopier;
}

interface Comparison {
  readonly lost: Manifest['lost'];
  /** Was a picture removed between the snapshot and its copy? */
  readonly hasGone: boolean;
}

const maxNames = 20;
const pageRows = 256;

/**
 * Looks whether the backup has the objects that the rows of its snapshot name, and takes those that the storage has lost from the backup
 * before.
 */
export async function compareRows(snapshot: string, context: Comparing): Promise<Comparison> {
  const { source, list } = context;
  list.forget('named');
  const [rows, live] = [await source.openRows(snapshot), await source.openRows()];
  const lost: string[] = [];
  let count = 0;
  try {
    for await (const picture of walk(rows)) {
      if (await hasAll(picture, context)) continue;
      if (!(await live.findPicture(picture.name))) return { lost: { count: 0, names: [] }, hasGone: true };
      count++;
      if (lost.length < maxNames) lost.push(picture.name);
    }
    return { lost: { count, names: lost }, hasGone: false };
  } finally {
    await rows.close();
    await live.close();
  }
}

async function* walk(rows: Rows): AsyncGenerator<ListedPicture> {
  for (let after = ''; ; ) {
    const page = await rows.listPictures({ after, limit: pageRows });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.name;
  }
}

async function hasAll(
  { name, bytes, sha256, otherKeys = [] }: ListedPicture,
  { list, copier }: Pick<Comparing, 'list' | 'copier'>,
): Promise<boolean> {
  const isWhole = (object: { readonly bytes: number; readonly sha256: string }) =>
    (bytes === undefined || object.bytes === bytes) && (sha256 === undefined || object.sha256 === sha256);
  let isThere = true;
  for (const [key, isGood] of [
    [toPictureKey(name), isWhole] as const,
    ...otherKeys.map((other) => [other, () => true] as const),
  ]) {
    list.see(key, 'named');
    const found = list.find(key);
    const isHere = (found !== undefined && isGood(found)) || (await copier.takePrevious(key, isGood));
    isThere = isThere && isHere;
  }
  return isThere;
}
