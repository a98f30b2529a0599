import { createHash } from 'node:crypto';

/** Repeatable random numbers: the same seed and label always give the same ones, so a picture can be drawn again. */
export interface Dice {
  /** A number from 0 to 1, excluding 1. */
  roll(): number;
  between(low: number, high: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** Separate dice for one part of a picture. Rolling them changes no other part. */
  fork(label: string): Dice;
}

export function createDice(seed: string): Dice {
  const roll = mulberry32(toSeedNumber(seed));
  return {
    roll,
    between: (low, high) => low + (high - low) * roll(),
    pick: (choices) => choices[Math.floor(roll() * choices.length)] ?? choices[0],
    fork: (label) => createDice(`${seed}/${label}`),
  };
}

/** A short name for a text, used as the seed of its dice. The text cannot be recovered from it. */
export function toSeed(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function toSeedNumber(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32LE(0);
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
