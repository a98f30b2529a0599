import { createHash } from 'node:crypto';
import { type CopiedTable, copiedTables, type Row, type RowCopier } from './row-copier.ts';

export interface CopyRowsOptions {
  readonly from: RowCopier;
  readonly to: RowCopier;
  /** Copies the objects that the rows name. Called before the rows are copied, when both sides have been checked. */
  readonly copyObjects: () => Promise<void>;
  /** Called after each page. */
  readonly onProgress: (progress: RowProgress) => void;
}

export interface RowProgress {
  readonly table: string;
  readonly step: 'copy' | 'check';
  readonly done: number;
  readonly total: number;
}

const pageRows = 250;

/**
 * Copies all rows into an empty store, or continues an interrupted copy: the rows of the target show how far it was. In the end both
 * sides are read again and compared, by their counts and by the SHA-256 of everything that was copied. Until then the target
 * has the mark of its source. Rejects with a sentence when one of them is in use, or when the target is not empty.
 */
export async function copyRows({ from, to, copyObjects, onProgress }: CopyRowsOptions): Promise<void> {
  await assertUnserved(from, to);
  await markTarget(from, to);
  await copyObjects();
  for (const table of copiedTables) await copyTable(table, { from, to, onProgress });
  await to.continueNumbers();
  for (const table of copiedTables) await compareTable(table, { from, to, onProgress });
  await to.writeMark(undefined);
}

async function assertUnserved(from: RowCopier, to: RowCopier): Promise<void> {
  if (await from.isServed())
    throw new Error('A Darkroom is running on the source. Stop it first: what it did during the copy would be lost.');
  if (await to.isServed()) throw new Error('A Darkroom is running on the target. Stop it first.');
  if ((await from.readMark()) !== undefined)
    throw new Error('The source is itself a copy that was not finished. Finish that copy first.');
}

async function markTarget(from: RowCopier, to: RowCopier): Promise<void> {
  const mark = await identify(from);
  const found = await to.readMark();
  if (found === mark) return;
  if (found !== undefined)
    throw new Error('The target is the unfinished copy of another store. Copy into an empty one.');
  for (const table of copiedTables)
    if (!table.isNeverEmpty && (await to.count(table)) > 0)
      throw new Error('The target is not empty: it already has a Darkroom. Copy into an empty one.');
  await to.writeMark(mark);
}

/** A store is identified by its secrets, which no other store has; only a hash of them is used. */
async function identify(store: RowCopier): Promise<string> {
  const hash = createHash('sha256');
  for (const table of copiedTables)
    if (table.name === 'secrets' || table.name === 'api_keys')
      for await (const rows of readPages(store, table, undefined)) hash.update(JSON.stringify(rows));
  return hash.digest('hex');
}

type Ends = Omit<CopyRowsOptions, 'copyObjects'>;

async function copyTable(table: CopiedTable, { from, to, onProgress }: Ends): Promise<void> {
  if (table.isReplaced) await to.clear(table);
  const total = await from.count(table);
  let done = await to.count(table);
  onProgress({ table: table.name, step: 'copy', done, total });
  for await (const rows of readPages(from, table, await to.lastKey(table))) {
    await to.write(table, rows);
    done += rows.length;
    onProgress({ table: table.name, step: 'copy', done, total });
  }
}

async function compareTable(table: CopiedTable, { from, to, onProgress }: Ends): Promise<void> {
  const total = await from.count(table);
  const digest = async (store: RowCopier) => {
    const hash = createHash('sha256');
    let done = 0;
    for await (const rows of readPages(store, table, undefined)) {
      for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
      done += rows.length;
      onProgress({ table: table.name, step: 'check', done, total });
    }
    return `${done} rows, SHA-256 ${hash.digest('hex')}`;
  };
  const [left, right] = await Promise.all([digest(from), digest(to)]);
  if (left !== right) throw new Error(`The copy of ${table.name} differs: ${left} became ${right}.`);
}

async function* readPages(
  store: RowCopier,
  table: CopiedTable,
  first: Row | undefined,
): AsyncGenerator<readonly Row[]> {
  const places = table.key.map((name) => Object.keys(table.columns).indexOf(name));
  let after = first;
  for (;;) {
    const rows = await store.read(table, { after, limit: pageRows });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = places.map((place) => last[place] ?? null);
  }
}
