/** The median of the values; the lower one of two. Throws when there are no values. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The smallest value that at least `percent` of all values do not exceed. Throws when there are no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (value === undefined) throw new Error('Nothing was measured.');
  return value;
}

/** A B A B …, so that other work on the machine affects both sides equally. */
export async function interleave<A, B>(
  rounds: number,
  a: (round: number) => Promise<A>,
  b: (round: number) => Promise<B>,
): Promise<readonly { readonly a: A; readonly b: B }[]> {
  const pairs: { readonly a: A; readonly b: B }[] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push({ a: await a(round), b: await b(round) });
  return pairs;
}
