import type { Prices } from './catalogue.ts';
import type { Order } from './order.ts';
import type { Usage } from './usage.ts';

/** What an order will cost, in micro-dollars, before it is made: its pictures, and all that is shown to the model. */
export function estimateCost(prices: Prices, { imageSize, images, conversation }: Order): number {
  const parts = conversation.flatMap((turn) => turn.parts);
  // About four characters of English make a token; good enough for a price that the pictures dominate.
  const tokens = parts.map((part) => (part.kind === 'text' ? Math.ceil(part.text.length / 4) : prices.referenceTokens));
  const input = tokens.reduce((sum, count) => sum + count, 0) * prices.promptToken;
  const picture = prices.imageTokens[imageSize] * prices.imageToken;
  return Math.ceil(images * (picture + input));
}

/** What a call has cost, in micro-dollars, by what the upstream counted. Thoughts are charged as text. */
export function toCost(prices: Prices, usage: Usage): number {
  return Math.ceil(
    usage.promptTokens * prices.promptToken +
      (usage.textTokens + usage.thoughtTokens) * prices.textToken +
      usage.imageTokens * prices.imageToken,
  );
}

/** Micro-dollars as the dollars of the wire. */
export function toDollars(micros: number): number {
  return micros / 1_000_000;
}
