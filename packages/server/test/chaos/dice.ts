import { createHash } from 'node:crypto';

/** Random numbers that can be repeated: the same seed and name give the same numbers. */
export interface Dice {
  /** From 0 (included) to 1 (not included). */
  fraction(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** True in this share of all cases, from 0 to 1. */
  happens(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
}

/** Each user has its own dice, so that its numbers do not depend on other users. */
export function createDice(seed: number, name: string): Dice {
  let state = createHash('sha256').update(`${seed}/${name}`).digest().readUInt32LE(0);
  // Mulberry32: a 32-bit counter whose bits are mixed; good enough for a test.
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
