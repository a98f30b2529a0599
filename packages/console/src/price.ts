import type { ModelDetail, TierChoice } from '@darkroom/protocol';
import { toFactor } from './tiers.ts';

export interface Order {
  readonly size: string;
  readonly count: number;
  /** Pictures that are shown to the model, for each picture that it makes. */
  readonly references: number;
  readonly tier: TierChoice;
}

/**
 * What an order is expected to cost, in dollars; `undefined` when the prices do not name the size. In the cheapest tier, it is the
 * most that it may cost.
 */
export function estimateDollars(
  prices: ModelDetail['prices'],
  { size, count, references, tier }: Order,
): number | undefined {
  const picture = prices.per_image[size];
  if (picture === undefined) return undefined;
  return (toFactor(prices, tier) * count * (picture + references * prices.per_reference)) / 1_000_000;
}
