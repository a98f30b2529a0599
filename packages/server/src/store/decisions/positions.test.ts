import { expect, it } from 'vitest';
import { exactUpTo, toEstimatedPlace, toExactPlace } from './positions.ts';

const row = { ready: 5_000, created_at: 150 };

it('is exact near both ends of a lane', () => {
  expect(toExactPlace(row, { before: 7 })).toBe(7);
  expect(toExactPlace(row, { before: exactUpTo })).toBeUndefined();
  expect(toExactPlace(row, { before: exactUpTo, after: 7 })).toBe(4_992);
  expect(toExactPlace(row, { before: exactUpTo, after: exactUpTo })).toBeUndefined();
});

it('is estimated between them, and never where it would be exact', () => {
  expect(toEstimatedPlace(row, { firstAt: 100, lastAt: 200 })).toBe(2_500);
  expect(toEstimatedPlace(row, { firstAt: 149, lastAt: 9_999 })).toBe(exactUpTo);
  expect(toEstimatedPlace(row, { firstAt: 0, lastAt: 151 })).toBe(5_000 - 1 - exactUpTo);
  expect(toEstimatedPlace(row, { firstAt: undefined, lastAt: undefined })).toBe(2_500);
});
