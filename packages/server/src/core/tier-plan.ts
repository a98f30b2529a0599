import type { ServiceTier } from '@darkroom/protocol';

/** A tier, and how long one call may take in it, in milliseconds. */
export interface TierOffer {
  readonly tier: ServiceTier;
  readonly mayTakeMs: number;
}

/**
 * One step of a plan. It serves a request that has at least `needsMs` left until its deadline: the time of one call in this tier
 * and, in case that this call brings nothing, of one call in each dearer tier.
 */
export interface TierStep {
  readonly tier: ServiceTier;
  readonly needsMs: number;
}

/** How a request gets the cheapest tier that still meets its deadline. The cheapest step comes first; the last serves whatever is left. */
export type TierPlan = readonly TierStep[];

/** `offers`: the cheapest first. */
export function toTierPlan(offers: readonly TierOffer[]): TierPlan {
  return offers.map(({ tier }, index) => ({
    tier,
    needsMs: offers.slice(index).reduce((sum, { mayTakeMs }) => sum + mayTakeMs, 0),
  }));
}

export interface TierNow {
  readonly tier: ServiceTier;
  /** When the request moves up to the next tier; `undefined` in the last one. */
  readonly movesUpAt: number | undefined;
}

/** The cheapest tier that can still meet the deadline. */
export function chooseTier(
  plan: TierPlan,
  { now, deadlineAt }: { readonly now: number; readonly deadlineAt: number },
): TierNow {
  const leftMs = deadlineAt - now;
  const last = plan.length - 1;
  const index = plan.findIndex(({ needsMs }, at) => at === last || leftMs >= needsMs);
  const step = plan[index];
  if (!step) return { tier: 'standard', movesUpAt: undefined };
  // At the time itself the request still fits; a millisecond later it does not.
  return { tier: step.tier, movesUpAt: index === last ? undefined : deadlineAt - step.needsMs + 1 };
}
