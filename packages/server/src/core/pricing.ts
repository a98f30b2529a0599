/** Converts micro-dollars to the dollars of the wire. */
export function toDollars(micros: number): number {
  return micros / 1_000_000;
}
