import type { OrderParameters } from '../core/order.ts';
import { readOptionalParameters } from './optional-parameters.ts';
import { readShape } from './picture-shape.ts';
import { type Prices, toImagePrice } from './prices.ts';

/** What one picture of an order costs, without its prompt and references. */
export function toPicturePrice(prices: Prices, parameters: OrderParameters): number {
  const { imageSize, aspectRatio } = readShape(parameters);
  const { quality = '' } = readOptionalParameters(parameters);
  const tokens = prices.imageTokensByQuality?.[quality]?.[imageSize]?.[aspectRatio];
  return tokens === undefined ? toImagePrice(prices, imageSize) : tokens * prices.imageToken;
}
