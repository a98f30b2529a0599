/** The illustrator's package with another artist. */
export { measure } from '../../illustrator/src/references/measure.ts';
export { firstTake, fromByte, type Take, toByte, toTake } from '../../illustrator/src/take.ts';
export { drawPlain as illustrate } from './draw-plain.ts';
