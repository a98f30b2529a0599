import type { OptionalParameter, ServiceTier } from '@darkroom/protocol';

/** What a model costs, according to its price page. All amounts are micro-dollars. */
export interface Prices {
  /** A micro-dollar for one token is a dollar for a million tokens. */
  readonly promptToken: number;
  readonly textToken: number;
  readonly imageToken: number;
  /** A token of a picture in the prompt; missing: as `promptToken`. */
  readonly promptImageToken?: number;
  /** Tokens of one generated picture, by its size. */
  readonly imageTokens: Readonly<Record<string, number>>;
  /** The same by quality, size and ratio, where they depend on more than the size. `imageTokens` has what is not here. */
  readonly imageTokensByQuality?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  /** Tokens of one reference picture. */
  readonly referenceTokens: number;
  /**
   * A picture has a fixed price, that of its `imageTokens`, whatever the upstream counts; prompts, references and refusals cost
   * nothing. A price of zero is a price.
   */
  readonly isFlat?: boolean;
  /** What one search costs, and the parameter that allows searches; if left out, they cost nothing. */
  readonly search?: { readonly parameter: OptionalParameter; readonly micros: number };
  /** The other service tiers that the model has: what tokens cost there, as a multiple of these prices. */
  readonly tiers?: Readonly<Partial<Record<Exclude<ServiceTier, 'standard'>, number>>>;
  /** The month in which the page was read, e.g. `2026-06`. */
  readonly asOf: string;
  /** The page, and what was concluded from it. */
  readonly source: string;
}

/** What one reference picture costs, once for each picture made. */
export function toReferencePrice({ referenceTokens, promptToken, promptImageToken = promptToken }: Prices): number {
  return referenceTokens * promptImageToken;
}

/** What one picture of this size costs at the usual quality, without its prompt and references. */
export function toImagePrice({ imageTokens, imageToken }: Prices, size: string): number {
  return (imageTokens[size] ?? 0) * imageToken;
}

/** The multiple of the prices of tokens in this tier. A tier without a price costs as much as the standard one. */
export function toTierFactor({ tiers = {} }: Prices, tier: ServiceTier): number {
  return tier === 'standard' ? 1 : (tiers[tier] ?? 1);
}
