import type { ImageSize } from '@darkroom/protocol';

export interface Order {
  readonly size: ImageSize;
  readonly count: number;
  /** Pictures that are shown to the model, for each picture that it makes. */
  readonly references: number;
}

/**
 * What an order is expected to cost, in dollars, by the model's `pricing_details`, such as `For input, $0.0011 per image.
 * For output, $0.134 per 1K/2K image and $0.24 per 4K image`; `undefined` when they do not tell.
 */
export function estimateDollars(pricingDetails: string, { size, count, references }: Order): number | undefined {
  const prices = [...pricingDetails.matchAll(/\$(\d+(?:\.\d+)?) per (?:(\S+) )?image/g)].map(([, dollars, sizes]) => ({
    dollars: Number(dollars),
    sizes: sizes?.split('/'),
  }));
  const input = prices.find(({ sizes }) => sizes === undefined)?.dollars ?? 0;
  const output = prices.find(({ sizes }) => sizes?.includes(size))?.dollars;
  return output === undefined ? undefined : count * (output + references * input);
}
