import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { toBase64Slabs } from './base64-slabs.ts';
import { LongString, toJsonSlabs } from './json-slabs.ts';

const bytes = randomBytes(200_000);

it('gives the JSON of the value, with long strings in place', () => {
  const value = {
    text: 'line\nbreak "quotes" and ünï',
    list: [1, true, [], {}],
    long: new LongString(() => toBase64Slabs([bytes.subarray(0, 1), bytes.subarray(1)])),
  };
  const json: unknown = JSON.parse([...toJsonSlabs(value)].join(''));
  expect(json).toEqual({ text: value.text, list: [1, true, [], {}], long: bytes.toString('base64') });
});

it('never holds a slab of 64 KB', () => {
  const long = new LongString(() => toBase64Slabs([bytes]));
  const lengths = [...toJsonSlabs([long, long])].map((slab) => slab.length);
  expect(lengths.length).toBeGreaterThan(8);
  expect(Math.max(...lengths)).toBeLessThan(65_536);
});

it('joins the base64 of pieces of any size', () => {
  const pieces = [0, 1, 2, 5, 40_000, 100_001].map((start, index, starts) => bytes.subarray(start, starts[index + 1]));
  expect([...toBase64Slabs(pieces)].join('')).toBe(bytes.toString('base64'));
  expect([...toBase64Slabs([])].join('')).toBe('');
});
