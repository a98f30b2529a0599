import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseByteRange } from './byte-range.ts';

const size = fc.integer({ min: 1, max: 1_000_000 });
const position = fc.integer({ min: 0, max: 2_000_000 });

describe('parseByteRange', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-', { start: 0, end: 99 }],
    ['bytes=99-99', { start: 99, end: 99 }],
    ['bytes=90-500', { start: 90, end: 99 }],
    ['bytes=-1', { start: 99, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['Bytes= 5-9 ', { start: 5, end: 9 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
    ['bytes=9-5', undefined],
    ['bytes=200-100', undefined],
    ['bytes=0-1,5-9', undefined],
    ['bytes=-', undefined],
    ['bytes=a-b', undefined],
    ['bytes=0x1-5', undefined],
    ['bytes=1.5-5', undefined],
    ['lines=0-1', undefined],
    ['', undefined],
  ])('reads %j of 100 bytes', (header, expected) => {
    expect(parseByteRange(header, 100)).toEqual(expected);
  });

  it('returns the bytes from the first to the last that exist', () => {
    fc.assert(
      fc.property(size, position, position, (bytes, first, length) => {
        const last = first + length;
        const expected = first < bytes ? { start: first, end: Math.min(last, bytes - 1) } : 'unsatisfiable';
        expect(parseByteRange(`bytes=${first}-${last}`, bytes)).toEqual(expected);
      }),
    );
  });

  it('returns as many bytes from the end as are asked for and exist', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 2_000_000 }), (bytes, count) => {
        const expected = { start: bytes - Math.min(bytes, count), end: bytes - 1 };
        expect(parseByteRange(`bytes=-${count}`, bytes)).toEqual(expected);
      }),
    );
  });

  it('never returns a range outside the object, whatever the header', () => {
    const header = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[0-9,\- .]{0,12}$/));
    fc.assert(
      fc.property(header, fc.nat(100), (text, bytes) => {
        const range = parseByteRange(text, bytes);
        if (range === undefined || range === 'unsatisfiable') return true;
        return 0 <= range.start && range.start <= range.end && range.end < bytes;
      }),
    );
  });
});
