import { describe, expect, it } from 'vitest';
import type { BudgetStatus } from '../../core/budgets.ts';
import { toQueuedRow } from '../contract/fixtures.ts';
import { idempotencyMs } from '../request-store.ts';
import { findOverdrawn } from './budgets.ts';
import { toForgottenUntil, toObjection, toReplay } from './submits.ts';

const budget = (period: 'day' | 'month', usedMicros: number): BudgetStatus => {
  return { scope: 'key', id: 'key-1', period, limitMicros: 100, usedMicros };
};

describe('a submit', () => {
  it('is refused by a full queue before any budget is looked at', () => {
    const findNone = () => {
      throw new Error('Nobody asks.');
    };
    const known = { queued: 3, queuedOfKey: findNone, findOverdrawn: findNone };
    const ofOrganization = { of: 'organization', value: 3 };
    expect(toObjection({ maxQueued: 3 }, known)).toEqual({ kind: 'queue-full', limit: ofOrganization });
    const ofKey = { kind: 'queue-full', limit: { of: 'key', value: 2 } };
    expect(toObjection({ maxQueued: 9, maxQueuedOfKey: 2 }, { ...known, queuedOfKey: () => 2 })).toEqual(ofKey);
  });

  it('is refused by a budget, or by nothing', () => {
    const over = budget('day', 100);
    const queuedOfKey = () => 0;
    const known = { queued: 2, queuedOfKey, findOverdrawn: () => over };
    expect(toObjection({ maxQueued: 3 }, known)).toEqual({ kind: 'over-budget', budget: over });
    expect(toObjection({ maxQueued: 3 }, { ...known, findOverdrawn: () => undefined })).toBeUndefined();
  });

  it('is a conflict when its key was used with another body', () => {
    expect(toReplay({ body_hash: 'a', left: toQueuedRow() }, { key: 'k', bodyHash: 'b' })).toEqual({
      kind: 'conflict',
    });
    expect(toReplay({ body_hash: 'a', left: toQueuedRow() }, { key: 'k', bodyHash: 'a' }).kind).toBe('replayed');
  });

  it('finds no key that was used a day ago', () => {
    expect(toForgottenUntil(idempotencyMs + 5)).toBe(5);
  });
});

describe('a price', () => {
  it('may use a budget up to its limit', () => {
    expect(findOverdrawn([budget('day', 60), budget('month', 50)], 40)).toBeUndefined();
  });

  it('that fits in no budget names the one that has the least left', () => {
    expect(findOverdrawn([budget('day', 70), budget('month', 90)], 40)).toEqual(budget('month', 90));
  });
});
