import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTier, toTierPlan } from './tier-plan.ts';

const tiers = ['batch', 'flex', 'standard'] as const;
const offers = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 3, maxLength: 3 }))
  .map(([count, times]) => tiers.slice(-count).map((tier, at) => ({ tier, mayTakeMs: times[at] ?? 1 })));
const time = fc.integer({ min: -1_000, max: 40_000 });

describe('the cheapest tier that still meets the deadline', () => {
  it('is the first one whose call, and one call in each dearer tier after it, fit into the time that is left', () => {
    fc.assert(
      fc.property(offers, time, time, (given, now, deadlineAt) => {
        const { tier } = chooseTier(toTierPlan(given), { now, deadlineAt });
        const index = given.findIndex((offer) => offer.tier === tier);
        const sumFrom = (from: number) => given.slice(from).reduce((sum, { mayTakeMs }) => sum + mayTakeMs, 0);
        if (index < given.length - 1) expect(now + sumFrom(index)).toBeLessThanOrEqual(deadlineAt);
        for (let cheaper = 0; cheaper < index; cheaper += 1) expect(now + sumFrom(cheaper)).toBeGreaterThan(deadlineAt);
      }),
    );
  });

  it('never becomes cheaper as the deadline comes near, and changes exactly when it says', () => {
    fc.assert(
      fc.property(offers, time, time, (given, now, deadlineAt) => {
        const plan = toTierPlan(given);
        const rank = (at: number) =>
          given.findIndex(({ tier }) => tier === chooseTier(plan, { now: at, deadlineAt }).tier);
        const { movesUpAt } = chooseTier(plan, { now, deadlineAt });
        if (movesUpAt === undefined) {
          expect(rank(now)).toBe(given.length - 1);
          return;
        }
        expect(movesUpAt).toBeGreaterThan(now);
        expect(rank(movesUpAt - 1)).toBe(rank(now));
        expect(rank(movesUpAt)).toBeGreaterThan(rank(now));
      }),
    );
  });

  it('is the standard one without a plan', () => {
    expect(chooseTier([], { now: 0, deadlineAt: 1 })).toEqual({ tier: 'standard', movesUpAt: undefined });
  });
});
