import { expect, it } from 'vitest';
import { toAxisTop } from './axis.ts';

it('the axis ends at a round number that no bar is higher than', () => {
  expect([0, 0.134, 1, 3, 12, 260, 900].map(toAxisTop)).toEqual([1, 0.2, 1, 5, 20, 500, 1_000]);
});
