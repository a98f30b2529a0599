import type { ServiceTier, TierChoice } from '@darkroom/protocol';
import type { Order } from '../core/order.ts';
import { chooseTier, type TierPlan, toTierPlan } from '../core/tier-plan.ts';
import type { ModelSpec } from './model-spec.ts';
import { toTierFactor } from './prices.ts';

/** The tiers of a model. */
export function toTiers({ prices }: Pick<ModelSpec, 'prices'>): readonly ServiceTier[] {
  // The keys of an object are strings for TypeScript; those of `tiers` are tiers.
  return ['standard', ...(Object.keys(prices.tiers ?? {}) as ServiceTier[])];
}

/** What a choice means for an order. */
export interface ChosenTier {
  /** Where it begins to wait. */
  readonly tier: ServiceTier;
  /** The dearest tier in which it may be made: its estimate. */
  readonly dearest: ServiceTier;
  /** Of the cheapest tier: when it moves up, and where to. */
  readonly movesUpAt?: number;
  readonly plan?: TierPlan;
}

/** The model has the tier. */
export function toChosenTier(
  choice: TierChoice,
  {
    model,
    order,
    ...times
  }: { readonly model: ModelSpec; readonly order: Order; readonly now: number; readonly deadlineAt: number },
): ChosenTier {
  if (choice !== 'cheapest') return { tier: choice, dearest: choice };
  const plan = toTierPlan(toCheapFirst(model).map((tier) => ({ tier, mayTakeMs: model.timeoutMs(order, tier) })));
  const { tier, movesUpAt } = chooseTier(plan, times);
  return { tier, dearest: 'standard', plan, ...(movesUpAt !== undefined && { movesUpAt }) };
}

/** Without those that cost more than the standard tier; of two that cost the same, the first in the entry comes first. */
function toCheapFirst(model: Pick<ModelSpec, 'prices'>): readonly ServiceTier[] {
  const factorOf = (tier: ServiceTier) => toTierFactor(model.prices, tier);
  const cheaper = toTiers(model).filter((tier) => factorOf(tier) < 1);
  return [...cheaper.toSorted((a, b) => factorOf(a) - factorOf(b)), 'standard'];
}
