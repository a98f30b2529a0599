import type { Fallbacks, PricedOrder, UsableFallback } from '../core/choose-model.ts';
import type { Order } from '../core/order.ts';
import { toLane } from '../core/service-tiers.ts';
import type { Fallback } from '../core/stand-ins.ts';
import { adaptOrder } from './adapt-order.ts';
import type { ModelSpec } from './model-spec.ts';
import type { ModelRegistry } from './registry.ts';
import { toTiers } from './tier-choice.ts';

/** The tiers in which another model may be called. */
type SharedTier = 'standard' | 'flex';
const sharedTiers: readonly SharedTier[] = ['standard', 'flex'];

/**
 * What may be called instead of each model, by its lanes, with how an order for it becomes one for the other. A request of the flex tier
 * stays in it: it gets another model that has the tier too, and only while its own rests for another reason than load. Flex calls
 * are refused for load every day, and come too late for a deadline that is near.
 */
export function toFallbacks(models: ModelRegistry): Fallbacks {
  const lanes = models.all().flatMap((from) => sharedTiers.map((tier) => ({ from, tier })));
  const named = lanes.flatMap(({ from, tier }): [string, readonly UsableFallback[]][] => {
    const usable = (from.fallback ?? []).flatMap((fallback) => toUsable(from, fallback, { models, tier }));
    return usable.length > 0 ? [[toLane(from.id, tier), usable]] : [];
  });
  return new Map(named);
}

function toUsable(
  from: ModelSpec,
  { model, when: always }: Fallback,
  { models, tier }: { readonly models: ModelRegistry; readonly tier: SharedTier },
): readonly UsableFallback[] {
  const to = models.find(model);
  const when = tier === 'flex' ? always.filter((reason) => reason === 'resting') : always;
  if (!to || when.length === 0 || ![from, to].every((one) => toTiers(one).includes(tier))) return [];
  return [{ model: toLane(to.id, tier), when, adapt: (order) => adapt(order, { from, to, tier }) }];
}

function adapt(
  given: Order,
  { from, to, tier }: { readonly from: ModelSpec; readonly to: ModelSpec; readonly tier: SharedTier },
): PricedOrder | undefined {
  const order = adaptOrder(given, { from, to });
  return order && { order, estimatedCostMicros: to.price(order, tier) };
}
