/** A number from 0 up to, but without, 1: the only source of chance for back-off. */
export type Chance = () => number;

export const systemChance: Chance = () => Math.random();
