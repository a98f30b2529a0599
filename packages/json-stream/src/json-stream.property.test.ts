import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeJson } from './decode-json.ts';
import { encodeJson } from './encode-json.ts';
import { SpooledString } from './spooled-string.ts';

const { FC_NUM_RUNS: numRuns = '150', FC_SEED: seed } = env;
const runs: fc.Parameters<unknown> = {
  numRuns: Number(numRuns),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spool-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('decodeJson', () => {
  it('returns what JSON.parse returns, however it is spelled and wherever the stream is split', async () => {
    await fc.assert(
      fc.asyncProperty(jsonText(), fc.infiniteStream(fc.nat(12)), async (text, cuts) => {
        const decoded = await decodeJson(split(Buffer.from(text), cuts), options());
        expect(await unspool(decoded)).toEqual(normalise(JSON.parse(text)));
        expect(await readdir(folder)).toHaveLength(spooledIn(decoded).length);
        await removeAll();
      }),
      runs,
    );
  });

  it('accepts and refuses the same bodies as JSON.parse, and leaves no file of a refused one', async () => {
    await fc.assert(
      fc.asyncProperty(damagedJsonText(), fc.infiniteStream(fc.nat(12)), async (text, cuts) => {
        const decoded = await settle(decodeJson(split(Buffer.from(text), cuts), { ...options(), spool: spoolText }));
        expect('value' in decoded).toBe(isJson(text));
        expect(await readdir(folder)).toHaveLength('value' in decoded ? spooledIn(decoded.value).length : 0);
        await removeAll();
      }),
      runs,
    );
  });

  it('refuses base64 exactly when it is not base64', async () => {
    const almostBase64 = fc.string({ unit: fc.constantFrom(...'AZaz09+/-_==.é\n '), maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(almostBase64, fc.infiniteStream(fc.nat(5)), async (data, cuts) => {
        const body = Buffer.from(JSON.stringify({ data }));
        const decoded = await settle(decodeJson(split(body, cuts), options()));
        expect('value' in decoded).toBe(isBase64(data));
        await removeAll();
      }),
      { ...runs, numRuns: 2 * Number(numRuns) },
    );
  });
});

describe('encodeJson', () => {
  it('writes what JSON.stringify writes, with the promised length, and decodeJson restores the value', async () => {
    await fc.assert(
      fc.asyncProperty(plainTree(), fc.infiniteStream(fc.nat(12)), async (tree, cuts) => {
        const spooled = await spoolTree(tree);
        const encoded = encodeJson(spooled);
        const body = await collect(encoded.chunks());
        expect(body.toString()).toBe(JSON.stringify(tree));
        expect(encoded.bytes).toBe(body.length);
        expect(await unspool(await decodeJson(split(body, cuts), options()))).toEqual(normalise(tree));
        await removeAll();
      }),
      runs,
    );
  });
});

function options(): DecodeOptions {
  return { folder, spool: chooseEncoding, maxBytes: 1e6, maxFileBytes: 1e6, maxJsonBytes: 1e6 };
}

function chooseEncoding(key: string): 'base64' | 'spelled' | undefined {
  if (key === 'data') return 'base64';
  return key === 'text' ? 'spelled' : undefined;
}

function spoolText(key: string): 'text' | undefined {
  return key === 'data' || key === 'text' ? 'text' : undefined;
}

type Tree = string | number | boolean | null | Tree[] | { readonly [key: string]: Tree };

const base64 = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const wellFormed = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((text) => text.isWellFormed());
const plainKey = fc.oneof(fc.constantFrom('data', 'text', '__proto__', 'toString', ''), wellFormed);

/** A member of an object: a string under `data` is base64. */
function member(key: string, value: Tree, encoded: string): readonly [string, Tree] {
  return [key, key === 'data' && typeof value === 'string' ? encoded : value];
}

/** Any string that JSON can hold, including half a surrogate pair. */
const anything = fc.string({
  unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\ud83d', '\ude00', 'é', 'u'),
  maxLength: 9,
});

/** A value for the round trip. */
function plainTree(): fc.Arbitrary<Tree> {
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(anything, wellFormed, fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc
        .array(fc.tuple(plainKey, tie('tree'), base64), { maxLength: 4 })
        .map((members) => fromEntries(members.map(([key, value, encoded]) => member(key, value, encoded)))),
    ),
  }));
  return tree;
}

/** JSON as others may spell it: any white space, unnecessary escapes, duplicate keys. */
function jsonText(): fc.Arbitrary<string> {
  const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 2 });
  const { text } = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        wellFormed.chain(spell),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
        fc.constantFrom('true', 'false', 'null', '-0', '1e3'),
      ),
      fc
        .tuple(space, fc.array(tie('text'), { maxLength: 3 }))
        .map(([gap, items]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
      fc
        .tuple(space, fc.array(memberText(tie('text')), { maxLength: 4 }))
        .map(
          ([gap, members]) =>
            `{${gap}${members.map(([key, value]) => `${key}${gap}:${gap}${value}`).join(`${gap},${gap}`)}${gap}}`,
        ),
    ),
  }));
  return fc.tuple(space, text, space).map((pieces) => pieces.join(''));
}

function memberText(value: fc.Arbitrary<string>): fc.Arbitrary<readonly [string, string]> {
  const urlSafe = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
  return plainKey.chain((key) =>
    fc.tuple(
      spell(key),
      key === 'data'
        ? fc.oneof(
            fc.oneof(base64, urlSafe).chain(spell),
            value.filter((text) => !text.includes('"')),
          )
        : value,
    ),
  );
}

/** The JSON of a string, with some characters escaped unnecessarily. */
function spell(text: string): fc.Arbitrary<string> {
  return fc.array(fc.nat(5), { minLength: text.length, maxLength: text.length }).map((choices) => {
    const units = text.split('').map((unit, index) => {
      if (choices[index] === 0) return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
      if (choices[index] === 1 && unit === '/') return '\\/';
      return /[\ud800-\udfff]/.test(unit) ? unit : JSON.stringify(unit).slice(1, -1);
    });
    const joined = units.join('');
    // One half of a pair as an escape next to an unescaped half is not UTF-8.
    return joined.isWellFormed() ? `"${joined}"` : JSON.stringify(text);
  });
}

function damagedJsonText(): fc.Arbitrary<string> {
  const damage = fc.constantFrom(
    '',
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\n',
    '\u0000',
    'x',
    '1',
    '\\u00',
    '"data":"',
  );
  return fc.tuple(jsonText(), fc.nat(), fc.nat(3), damage).map(([text, at, removed, added]) => {
    const start = at % (text.length + 1);
    return (text.slice(0, start) + added + text.slice(start + removed)).toWellFormed();
  });
}

async function* split(body: Buffer, cuts: Iterator<number>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; ) {
    const length = cuts.next().value ?? 1;
    yield body.subarray(at, at + length);
    at += length;
  }
}

async function unspool(value: unknown): Promise<unknown> {
  if (value instanceof SpooledString) {
    const bytes = await readFile(value.file.path);
    expect(bytes.length).toBe(value.file.bytes);
    if (value.encoding === 'spelled') return JSON.parse(`"${bytes}"`);
    return bytes.toString(value.encoding === 'base64' ? 'base64' : 'utf8');
  }
  if (Array.isArray(value)) return Promise.all(value.map(unspool));
  if (!isObject(value)) return value;
  return fromEntries(
    await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await unspool(item)] as const)),
  );
}

/** Every string under `data` as standard base64 with padding. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (!isObject(value)) return value;
  return fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'data' && typeof item === 'string' ? Buffer.from(item, 'base64').toString('base64') : normalise(item),
    ]),
  );
}

function spooledIn(value: unknown): readonly SpooledString[] {
  if (value instanceof SpooledString) return [value];
  return isObject(value) ? Object.values(value).flatMap(spooledIn) : [];
}

async function spoolTree(tree: Tree, key = ''): Promise<unknown> {
  const encoding = chooseEncoding(key);
  if (encoding && typeof tree === 'string') {
    const bytes = encoding === 'base64' ? Buffer.from(tree, 'base64') : Buffer.from(JSON.stringify(tree).slice(1, -1));
    const path = join(folder, `source-${(await readdir(folder)).length}`);
    await writeFile(path, bytes, { flag: 'wx' });
    return new SpooledString({ path, bytes: bytes.length }, encoding);
  }
  if (Array.isArray(tree)) return spoolEntries(tree.entries()).then((entries) => entries.map(([, item]) => item));
  return isObject(tree) ? fromEntries(await spoolEntries(Object.entries(tree))) : tree;
}

async function spoolEntries(entries: Iterable<[string | number, unknown]>): Promise<[string, unknown][]> {
  const spooled: [string, unknown][] = [];
  for (const [key, item] of entries) {
    // The entries of a tree are trees. An array index chooses no encoding.
    spooled.push([String(key), await spoolTree(item as Tree, typeof key === 'string' ? key : '')]);
  }
  return spooled;
}

/** Makes objects like JSON.parse: `__proto__` is a key like any other. */
function fromEntries<Value>(entries: Iterable<readonly [string, Value]>): { [key: string]: Value } {
  return Object.fromEntries(entries);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isBase64(text: string): boolean {
  return /^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/.test(text);
}

async function settle(promise: Promise<unknown>): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return Buffer.concat(collected);
}

async function removeAll(): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name));
}
