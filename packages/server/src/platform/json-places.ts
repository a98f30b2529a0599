/** The keys that lead to a value, from the outside in. */
export type JsonPath = readonly (string | number)[];

/** The position of a value in a text: from its first character to just after its last. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the positions of the values at `paths` in a text that `JSON.parse` accepts, in the order of the paths; `undefined`
 * for a path that is missing. If a key is there twice, the last one counts, as in `JSON.parse`. So a value can be copied
 * character by character. Parsing would lose numbers beyond double precision, the order of keys and the spelling of
 * strings.
 */
export function findInJson(text: string, paths: readonly JsonPath[]): readonly (JsonPlace | undefined)[] {
  const found: (JsonPlace | undefined)[] = paths.map(() => undefined);
  const stack: Frame[] = [];
  let wanted: Wanted | undefined = toTree(paths);
  let start = 0;
  const close = (place: Wanted | undefined, from: number, end: number) => {
    if (place?.index !== undefined) found[place.index] = { start: from, end };
  };
  for (let at = 0; at < text.length; ) {
    const frame = stack.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        stack.push({ wanted, start: at, index: undefined });
        wanted = undefined;
        at += 1;
        break;
      case 0x5b: // [
        stack.push({ wanted, start: at, index: 0 });
        wanted = wanted?.inside?.get(0);
        at += 1;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        stack.pop();
        at += 1;
        close(frame?.wanted, frame?.start ?? 0, at);
        break;
      case 0x2c: // ,
        if (frame?.index !== undefined) {
          frame.index += 1;
          wanted = frame.wanted?.inside?.get(frame.index);
        }
        at += 1;
        break;
      case quote: {
        start = at;
        at = findStringEnd(text, at + 1);
        const next = skipSpace(text, at);
        if (text.charCodeAt(next) === colon) {
          const inside = frame?.wanted?.inside;
          wanted = inside?.get(parseKey(text, start, at));
          at = next + 1;
        } else close(wanted, start, at);
        break;
      }
      default:
        start = skipSpace(text, at);
        at = findPlainEnd(text, start);
        if (at > start) close(wanted, start, at);
    }
  }
  return found;
}

interface Frame {
  readonly wanted: Wanted | undefined;
  readonly start: number;
  /** The index of the next entry; only in a list. */
  index: number | undefined;
}

/** What is wanted of a value: the value itself, for the path with this index, or values inside it. */
interface Wanted {
  index?: number;
  inside?: Map<string | number, Wanted>;
}

function toTree(paths: readonly JsonPath[]): Wanted {
  const root: Wanted = {};
  for (const [index, path] of paths.entries()) {
    let place = root;
    for (const key of path) {
      place.inside ??= new Map();
      const next = place.inside.get(key) ?? {};
      place.inside.set(key, next);
      place = next;
    }
    place.index = index;
  }
  return root;
}

function parseKey(text: string, start: number, end: number): string {
  const key = text.slice(start + 1, end - 1);
  return key.includes('\\') ? JSON.parse(text.slice(start, end)) : key;
}

/** The position after the closing quote of the string whose first character is at `from`. */
function findStringEnd(text: string, from: number): number {
  const end = text.indexOf('"', from);
  // Most strings have no escaped quote, and pictures have megabytes.
  if (text[end - 1] !== '\\') return end + 1;
  let at = from;
  for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(at)) at += code === backslash ? 2 : 1;
  return at + 1;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** The end of a number, `true`, `false` or `null`; `from` if none of them is there. */
function findPlainEnd(text: string, from: number): number {
  let at = from;
  while (isPlain(text.charCodeAt(at))) at += 1;
  return at;
}

/** After the end of the text the code is NaN, which is not plain. */
function isPlain(code: number): boolean {
  return (
    code > 0x20 && code !== quote && code !== 0x2c && code !== 0x5b && code !== 0x5d && code !== 0x7b && code !== 0x7d
  );
}
