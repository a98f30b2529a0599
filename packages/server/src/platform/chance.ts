/** Returns a random number from 0 to 1, excluding 1. It is the only source of randomness for back-off. */
export type Chance = () => number;

export const systemChance: Chance = () => Math.random();
