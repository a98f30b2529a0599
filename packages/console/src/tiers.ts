import type { ModelDetail, TierChoice } from '@darkroom/protocol';

export const tierWords: Record<TierChoice, string> = {
  standard: 'Standard',
  priority: 'Priority',
  flex: 'Flex',
  batch: 'Batch',
  cheapest: 'Cheapest',
};

/** A service tier, and how its price differs from the standard one. */
export interface OfferedTier {
  readonly tier: TierChoice;
  /** `−50%`, `+100%`; for the cheapest tier `0 to −50%`. */
  readonly price: string;
}

/** The tiers of a model. The cheapest one is a choice where one costs less than the standard tier. */
export function toOfferedTiers(detail: ModelDetail | undefined): readonly OfferedTier[] {
  const factors = detail?.prices.per_tier ?? {};
  const tiers = otherTiers.filter((tier) => factors[tier] !== undefined);
  const least = Math.min(...tiers.map((tier) => factors[tier] ?? 1));
  return [
    { tier: 'standard', price: 'full price' },
    ...tiers.map((tier) => ({ tier, price: formatDifference(factors[tier] ?? 1) })),
    ...(least < 1 ? [{ tier: 'cheapest', price: `0 to ${formatDifference(least)}` } as const] : []),
  ];
}

const otherTiers = ['flex', 'batch', 'priority'] as const;

/** What a tier costs as a multiple of the prices. A request for the cheapest one may have to pay the standard tier. */
export function toFactor({ per_tier: factors = {} }: ModelDetail['prices'], tier: TierChoice): number {
  return factors[tier] ?? 1;
}

function formatDifference(factor: number): string {
  const percent = Math.round((factor - 1) * 100);
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)}%`;
}
