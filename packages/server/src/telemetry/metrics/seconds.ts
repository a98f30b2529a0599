/** Clocks of machines differ: no time is negative. */
export function toSeconds(ms: number): number {
  return Math.max(0, ms) / 1_000;
}
