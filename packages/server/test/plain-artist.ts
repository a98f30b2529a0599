/** The illustrator's package with another artist. */
export { firstTake, fromByte, measure, type Take, toByte, toTake } from '@darkroom/illustrator';
export { drawPlain as illustrate } from './draw-plain.ts';
