import type { ServiceTier, TierChoice } from '@darkroom/protocol';
import type { Order } from '../core/order.ts';
import { chooseTier, type TierPlan, toTierPlan } from '../core/tier-plan.ts';
import type { ModelSpec } from './model-spec.ts';
import { toTierFactor } from './prices.ts';

/** The tiers of a model, as far as the order can be made in them. */
export function toTiers(
  { prices }: Pick<ModelSpec, 'prices'>,
  { mask }: { readonly mask?: unknown } = {},
): readonly ServiceTier[] {
  // The keys of an object are strings for TypeScript; those of `tiers` are tiers.
  const all: readonly ServiceTier[] = ['standard', ...(Object.keys(prices.tiers ?? {}) as ServiceTier[])];
  return mask === undefined ? all : all.filter((tier) => tier !== 'batch');
}

/** Why the order cannot be made in the tier, where there is more to say than that the model does not have it. */
export function toTierRefusal(
  tier: ServiceTier,
  { tierRefusals, prices }: Pick<ModelSpec, 'tierRefusals' | 'prices'>,
  { mask }: { readonly mask?: unknown },
): string | undefined {
  // The picture would have to be put together hours later, when a mask or a picture from elsewhere may be gone.
  if (tier === 'batch' && mask !== undefined && prices.tiers?.batch !== undefined)
    return 'a request with a mask cannot be made in a batch job';
  return tierRefusals?.[tier];
}

const hourSeconds = 3_600;

/** How long a request may take whose caller has named no deadline. A batch job that is not done in two days expires. */
export function toUsualSeconds(choice: TierChoice): number {
  return choice === 'batch' ? 48 * hourSeconds : hourSeconds;
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
    now,
    deadlineAt,
  }: { readonly model: ModelSpec; readonly order: Order; readonly now: number; readonly deadlineAt: number },
): ChosenTier {
  if (choice !== 'cheapest') return { tier: choice, dearest: choice };
  const plan = toTierPlan(
    toCheapFirst(model, order).map((tier) => ({ tier, mayTakeMs: model.timeoutMs(order, tier) })),
  );
  const { tier, movesUpAt } = chooseTier(plan, { now, deadlineAt });
  return { tier, dearest: 'standard', plan, ...(movesUpAt !== undefined && { movesUpAt }) };
}

/** Without those that cost more than the standard tier; of two that cost the same, the first in the entry comes first. */
function toCheapFirst(model: Pick<ModelSpec, 'prices'>, order: Pick<Order, 'mask'>): readonly ServiceTier[] {
  const factorOf = (tier: ServiceTier) => toTierFactor(model.prices, tier);
  const cheaper = toTiers(model, order).filter((tier) => factorOf(tier) < 1);
  return [...cheaper.toSorted((a, b) => factorOf(a) - factorOf(b)), 'standard'];
}
