import type { ModelDetail } from '@darkroom/protocol';

export interface Order {
  readonly size: string;
  readonly count: number;
  /** Pictures that are shown to the model, for each picture that it makes. */
  readonly references: number;
}

/** What an order is expected to cost, in dollars; `undefined` when the prices do not name the size. */
export function estimateDollars(prices: ModelDetail['prices'], { size, count, references }: Order): number | undefined {
  const picture = prices.per_image[size];
  return picture === undefined ? undefined : (count * (picture + references * prices.per_reference)) / 1_000_000;
}
