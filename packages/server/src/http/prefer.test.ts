import { describe, expect, it } from 'vitest';
import { parseWait } from './prefer.ts';

describe('the preference to wait', () => {
  it.each([
    ['wait=1', 1],
    ['wait=600', 600],
    ['Wait = 20', 20],
    ['wait="15"', 15],
    ['respond-async, wait=10', 10],
    ['wait=10; foo=bar, other', 10],
    ['handling=lenient,wait=7', 7],
    ['wait=5, wait=9', 5],
  ])('is read from %s', (prefer, seconds) => expect(parseWait(prefer)).toBe(seconds));

  it.each([
    undefined,
    '',
    'wait',
    'wait=',
    'wait=0',
    'wait=601',
    'wait=-1',
    'wait=1.5',
    'wait=abc',
    'await=5',
    'x=wait=5',
  ])('is not read from %s', (prefer) => expect(parseWait(prefer)).toBeUndefined());
});
