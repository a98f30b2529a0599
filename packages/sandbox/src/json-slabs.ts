/** The value of an answer: JSON in which strings may be too long to hold in memory. */
export type SlabJson =
  | string
  | number
  | boolean
  | LongString
  | readonly SlabJson[]
  | { readonly [name: string]: SlabJson };

/** A string that is produced while it is sent. */
export class LongString {
  /** Its pieces; each call starts from the beginning. They hold only characters that need no escape, such as base64. */
  readonly slabs: () => Iterable<string>;

  constructor(slabs: () => Iterable<string>) {
    this.slabs = slabs;
  }
}

/** Long enough that a picture needs few writes, short enough that 32 simultaneous answers take a few megabytes. */
const slabCharacters = 48 * 1024;

/** The JSON text in pieces. */
export function* toJsonSlabs(value: SlabJson): Generator<string> {
  let slab = '';
  for (const piece of walk(value)) {
    if (slab !== '' && slab.length + piece.length > slabCharacters) {
      yield slab;
      slab = '';
    }
    slab += piece;
  }
  yield slab;
}

function* walk(value: SlabJson): Generator<string> {
  if (value instanceof LongString) yield* wrap('""', value.slabs());
  else if (isList(value)) yield* wrap('[]', separate(value.map(walk)));
  else if (typeof value === 'object') yield* wrap('{}', separate(Object.entries(value).map(walkMember)));
  else yield JSON.stringify(value);
}

function* walkMember([name, value]: readonly [string, SlabJson]): Generator<string> {
  yield `${JSON.stringify(name)}:`;
  yield* walk(value);
}

function* wrap([open, close]: string, pieces: Iterable<string>): Generator<string> {
  yield open ?? '';
  yield* pieces;
  yield close ?? '';
}

function* separate(items: readonly Iterable<string>[]): Generator<string> {
  for (const [index, item] of items.entries()) {
    if (index > 0) yield ',';
    yield* item;
  }
}

function isList(value: SlabJson): value is readonly SlabJson[] {
  return Array.isArray(value);
}
