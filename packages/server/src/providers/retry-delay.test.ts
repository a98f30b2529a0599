import { describe, expect, it } from 'vitest';
import { type NamedDelays, toRetryDelayMs } from './retry-delay.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const none: NamedDelays = { retryAfter: undefined, durations: [], message: '' };

describe('toRetryDelayMs', () => {
  it.each<[string, Partial<NamedDelays>, number | undefined]>([
    ['nothing', {}, undefined],
    ['the header in seconds', { retryAfter: '30' }, 30_000],
    ['the header as a date', { retryAfter: 'Sun, 22 Nov 2026 12:01:30 GMT' }, 90_000],
    ['a date that is past', { retryAfter: 'Sun, 22 Nov 2026 11:00:00 GMT' }, undefined],
    ['a header of nonsense', { retryAfter: 'soon' }, undefined],
    ['a duration', { durations: ['', '34.5s'] }, 34_500],
    ['a duration of nonsense', { durations: ['later'] }, undefined],
    ['the sentence', { message: 'limit: 20.\nPlease retry in 10.673410956s.' }, 10_674],
    ['a sentence in minutes', { message: 'Please retry in 2m3.5s.' }, 123_500],
    ['a sentence in milliseconds', { message: 'Please retry in 512.59ms.' }, 513],
    ['a sentence that says it otherwise', { message: 'Please try again in 12s. Visit' }, 12_000],
    ['a sentence without a number', { message: 'Please retry in a moment.' }, undefined],
    ['several of them', { retryAfter: '5', durations: ['10s'], message: 'Please retry in 7s' }, 10_000],
    ['more than five minutes', { retryAfter: '999999' }, 300_000],
    ['more than any number', { retryAfter: '9'.repeat(400) }, 300_000],
    ['a sentence in hours', { message: 'Please retry in 22h13m41.5s.' }, 300_000],
    ['a date in a thousand years', { retryAfter: 'Sun, 22 Nov 3026 11:00:00 GMT' }, 300_000],
  ])('reads %s', (_name, named, expected) => {
    expect(toRetryDelayMs({ ...none, ...named }, now)).toBe(expected);
  });
});
