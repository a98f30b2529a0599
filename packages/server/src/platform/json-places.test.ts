import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findInJson, type JsonPath } from './json-places.ts';

const at = (text: string, path: JsonPath) => {
  const [place] = findInJson(text, [path]);
  return place && text.slice(place.start, place.end);
};

describe('the place of a value in a JSON text', () => {
  it('is that of the value, as it is spelled', () => {
    const text = ' {"a" : [1e400, {"b\\u0063":"x\\"y\\\\"}, [ ] ] , "":-0.0} ';
    expect(at(text, [])).toBe(text.trim());
    expect(at(text, ['a'])).toBe('[1e400, {"b\\u0063":"x\\"y\\\\"}, [ ] ]');
    expect(at(text, ['a', 0])).toBe('1e400');
    expect(at(text, ['a', 1, 'bc'])).toBe('"x\\"y\\\\"');
    expect(at(text, ['a', 2])).toBe('[ ]');
    expect(at(text, [''])).toBe('-0.0');
    expect(at(text, ['a', 3])).toBeUndefined();
    expect(at(text, ['b'])).toBeUndefined();
    expect(at('7', [])).toBe('7');
  });

  it('of a key that is there twice is the last, as in JSON.parse', () => {
    expect(at('{"a":{"b":1,"c":2},"a":{"b":3}}', ['a', 'b'])).toBe('3');
    expect(at('{"payload":[1],"p\\u0061yload":{"x":2}}', ['payload'])).toBe('{"x":2}');
  });

  it('holds the value that JSON.parse gives, for every path of every text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        const paths = listPaths(JSON.parse(text));
        const places = findInJson(text, paths);
        for (const [index, path] of paths.entries()) {
          const place = places[index];
          expect(JSON.parse(text.slice(place?.start, place?.end))).toEqual(pick(JSON.parse(text), path));
        }
      }),
    );
  });
});

function listPaths(value: unknown): readonly JsonPath[] {
  if (typeof value !== 'object' || value === null) return [[]];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [[], ...keys.flatMap((key) => listPaths(pick(value, [key])).map((path) => [key, ...path]))];
}

function pick(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value); // the path is one of the value's own
}
