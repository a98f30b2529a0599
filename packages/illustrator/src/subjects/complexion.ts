import type { Colour } from '../colour.ts';
import type { Dice } from '../dice.ts';
import type { Scene } from '../scene.ts';

/** Maps the colours of a person's icon: all heads of the icon set are drawn in the same few colours. */
export type Complexion = ReadonlyMap<Colour, Colour>;

interface Skin {
  readonly skin: Colour;
  readonly ears: Colour;
  readonly nose: Colour;
  readonly lips: Colour;
}

const skins: readonly [Skin, ...Skin[]] = [
  { skin: '#f3c6a0', ears: '#e5b08a', nose: '#d99a74', lips: '#b8455a' },
  { skin: '#d9a273', ears: '#c98f60', nose: '#b87a4c', lips: '#9c3b4a' },
  { skin: '#a86f48', ears: '#96603c', nose: '#804c2c', lips: '#7a2c3a' },
  { skin: '#7a4c33', ears: '#6b402a', nose: '#58321f', lips: '#8a2f40' },
];
const hairs: readonly [Colour, ...Colour[]] = ['#3a2a26', '#5a3a28', '#8a5a34', '#2a2530', '#b0743c'];
const neonHairs: readonly [Colour, ...Colour[]] = ['#7a2cf0', '#e0269c', '#3a2ae0'];

/** Realistic people get natural skin and hair, people under neon lights dyed hair. All others keep the icons' yellow. */
export function chooseComplexion({ styles }: Scene, dice: Dice): Complexion {
  const isNeon = styles.includes('neon');
  if (!isNeon && !styles.includes('realistic')) return new Map();
  const { skin, ears, nose, lips } = dice.pick(isNeon ? [skins[0]] : skins);
  const hair = dice.pick(isNeon ? neonHairs : hairs);
  return new Map<Colour, Colour>([
    ['#ffc83d', skin],
    ['#fdbb11', ears],
    ['#ed9200', nose],
    ['#990839', lips],
    ['#f1a11e', hair],
    ['#d37034', hair],
  ]);
}
