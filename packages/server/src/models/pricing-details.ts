import { type Prices, toImagePrice, toReferencePrice } from './prices.ts';

/** The sentence of prices that clients parse, e.g. `For input, $0.0011 per image. For output, $0.134 per 1K/2K image`. */
export function toPricingDetails(prices: Prices, sizes: readonly string[]): string {
  const input = toReferencePrice(prices);
  const byPrice = Map.groupBy(sizes, (size) => toDollarText(toImagePrice(prices, size), 3));
  const output = [...byPrice].map(([price, same]) => `${price} per ${same.join('/')} image`);
  const told = output.length < 2 ? output.join('') : `${output.slice(0, -1).join(', ')} and ${output.at(-1)}`;
  return `${input > 0 ? `For input, ${toDollarText(input, 2)} per image. ` : ''}For output, ${told}`;
}

function toDollarText(micros: number, digits: number): string {
  return `$${Number((micros / 1e6).toPrecision(digits))}`;
}
