import type { Colour } from '../colour.ts';
import { createDice, type Dice } from '../dice.ts';
import type { Svg } from '../drawing/paint.ts';
import { lit } from '../palette.ts';
import type { Scene } from '../scene.ts';

/** What stands behind the subjects, and what stands before them. */
export interface Backdrop {
  readonly back: Svg;
  readonly front: Svg;
}

/** What a background is drawn with: the scene, its measures, and a hand for light and chance. */
export interface Easel {
  readonly scene: Scene;
  readonly width: number;
  readonly height: number;
  readonly horizon: number;
  /** Height of the ground, from the horizon to the lower edge. */
  readonly ground: number;
  /** The colour as this scene's light shows it at a distance from 0 to 1. */
  readonly lit: (colour: Colour, distance?: number) => Colour;
  /** Fresh dice for a part of the picture, always the same for the same name. */
  readonly dice: (part: string) => Dice;
  readonly isDark: boolean;
  readonly isPlain: boolean;
}

export function createEasel(scene: Scene): Easel {
  const { width, height } = scene.canvas;
  const dice = createDice(scene.shadeSeed);
  return {
    scene,
    width,
    height,
    horizon: scene.horizon,
    ground: height - scene.horizon,
    lit: (colour, distance) => lit(scene.palette, colour, distance),
    dice: (part) => dice.fork(part),
    isDark: scene.time === 'night' || scene.time === 'neon',
    isPlain: scene.styles.includes('minimalist'),
  };
}
