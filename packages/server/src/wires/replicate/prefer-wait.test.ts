import { expect, it } from 'vitest';
import { toWaitMs } from './prefer-wait.ts';

it.for([
  [undefined, 0],
  ['wait', 55_000],
  ['wait=60', 55_000],
  ['wait=1', 1_000],
  ['respond-async, wait=10', 10_000],
  ['wait = "5"', 5_000],
  ['wait=120', 120_000],
  ['wait=9999', 600_000],
  ['waiting', 0],
] as const)('Prefer: %s waits for %i ms', ([prefer, ms]) => {
  expect(toWaitMs({ headers: prefer === undefined ? {} : { prefer } })).toBe(ms);
});
