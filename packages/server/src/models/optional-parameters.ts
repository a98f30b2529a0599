import { type OptionalParameter, optionalParameters, type Payload } from '@darkroom/protocol';
import type { OrderParameters } from '../core/order.ts';
import type { Prices } from './prices.ts';

/** What an order says beyond the picture's shape, as far as its model takes it: under the names that the payload has for it. */
export type OptionalParameters = Readonly<Partial<Pick<Payload, OptionalParameter>>>;

export function toOptionalParameters(payload: Payload): OptionalParameters & OrderParameters {
  const said = optionalParameters.filter((name) => payload[name] !== undefined && payload[name] !== false);
  return Object.fromEntries(said.map((name) => [name, payload[name]]));
}

export function readOptionalParameters(parameters: OrderParameters): OptionalParameters {
  return parameters; // a spec has written them, as `toOptionalParameters` does
}

/** What a call costs more because of them. */
export function toParametersPrice({ parameters: prices = {} }: Prices, parameters: OrderParameters): number {
  const said = optionalParameters.filter((name) => readOptionalParameters(parameters)[name] !== undefined);
  return said.reduce((sum, name) => sum + (prices[name] ?? 0), 0);
}
