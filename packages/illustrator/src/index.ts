export { type Illustration, illustrate } from './illustrate.ts';
export type { Motif, PictureFile, PictureOrder, Pixels } from './picture-order.ts';
export { measure } from './references/measure.ts';
export { firstTake, fromByte, type Take, toByte, toTake } from './take.ts';
