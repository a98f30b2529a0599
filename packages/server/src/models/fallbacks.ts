import type { Fallbacks, UsableFallback } from '../core/choose-model.ts';
import { adaptOrder } from './adapt-order.ts';
import type { ModelSpec } from './model-spec.ts';
import type { ModelRegistry } from './registry.ts';

/** What may be called instead of each model, with how an order for it becomes one for the other. */
export function toFallbacks(models: ModelRegistry): Fallbacks {
  const named = models.all().flatMap((from): [string, readonly UsableFallback[]][] => {
    const usable = (from.fallback ?? []).flatMap(({ model, when }) => {
      const to = models.find(model);
      return to ? toUsable(from, to, when) : [];
    });
    return usable.length > 0 ? [[from.id, usable]] : [];
  });
  return new Map(named);
}

function toUsable(from: ModelSpec, to: ModelSpec, when: UsableFallback['when']): UsableFallback {
  return {
    model: to.id,
    when,
    adapt: (given) => {
      const order = adaptOrder(given, { from, to });
      return order && { order, estimatedCostMicros: to.price(order) };
    },
  };
}
