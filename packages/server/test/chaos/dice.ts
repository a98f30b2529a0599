import { createHash } from 'node:crypto';

/** Chance that can be had again: the same seed and name throw the same numbers. */
export interface Dice {
  /** From 0 up to, but without, 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** True in so many of all cases, from 0 to 1. */
  happens(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
}

/** Whoever throws has dice of its own, so that nobody's throws depend on who else has thrown before. */
export function createDice(seed: number, name: string): Dice {
  let state = createHash('sha256').update(`${seed}/${name}`).digest().readUInt32LE(0);
  // Mulberry32: a 32-bit counter whose bits are mixed; plenty for a test.
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    happens: (probability) => fraction() < probability,
    pick: (list) => list[Math.floor(fraction() * list.length)] ?? list[0],
  };
}
