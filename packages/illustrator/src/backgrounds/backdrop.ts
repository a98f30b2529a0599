import type { Colour } from '../colour.ts';
import { createDice, type Dice } from '../dice.ts';
import type { Svg } from '../drawing/paint.ts';
import { lit } from '../palette.ts';
import type { Scene } from '../scene.ts';

/** The layers behind the subjects and in front of them. */
export interface Backdrop {
  readonly back: Svg;
  readonly front: Svg;
}

/** The tools for drawing a background: the scene, its measures, its light and its dice. */
export interface Easel {
  readonly scene: Scene;
  readonly width: number;
  readonly height: number;
  readonly horizon: number;
  /** Height of the ground, from the horizon to the lower edge. */
  readonly ground: number;
  /** The colour in this scene's light, at a distance from 0 to 1. */
  readonly lit: (colour: Colour, distance?: number) => Colour;
  /** New dice for a part of the picture. The same name always gives the same dice. */
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
