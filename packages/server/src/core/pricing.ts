import type { Payload } from '@darkroom/protocol';
import type { Prices } from './catalogue.ts';
import type { Usage } from './usage.ts';

/** What a request will cost, in micro-dollars, before it is made: its pictures, its references and its prompt. */
export function estimateCost(prices: Prices, payload: Payload): number {
  const references = payload.image === undefined ? 0 : [payload.image].flat().length;
  // About four characters of English make a token; good enough for a price that the pictures dominate.
  const promptTokens = Math.ceil((payload.prompt?.length ?? 0) / 4);
  const picture = prices.imageTokens[payload.image_size] * prices.imageToken;
  const input = (references * prices.referenceTokens + promptTokens) * prices.promptToken;
  return Math.ceil(payload.number_of_images * (picture + input));
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
