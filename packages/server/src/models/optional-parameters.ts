import { type OptionalParameter, optionalParameters, type Payload } from '@darkroom/protocol';
import type { OrderParameters } from '../core/order.ts';

/** What an order says beyond the picture's shape, as far as its model takes it: under the names that the payload has for it. */
export type OptionalParameters = Readonly<Partial<Pick<Payload, OptionalParameter>>>;

export function toOptionalParameters(payload: Payload): OptionalParameters & OrderParameters {
  const said = optionalParameters.filter((name) => payload[name] !== undefined && payload[name] !== false);
  return Object.fromEntries(said.map((name) => [name, payload[name]]));
}

export function readOptionalParameters(parameters: OrderParameters): OptionalParameters {
  return parameters; // a spec has written them, as `toOptionalParameters` does
}
