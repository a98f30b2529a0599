import type { Colour } from '../colour.ts';
import type { Season } from '../scene.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, drawGrove, drawMeadowFlowers, drawRange, fillUnder } from './land.ts';
import { drawSky } from './sky.ts';

interface Greenery {
  readonly grass: Colour;
  readonly far: Colour;
  readonly trees: readonly [Colour, ...Colour[]];
  readonly flowers: readonly [Colour, ...Colour[]];
}

export const greenery: Record<Season, Greenery> = {
  spring: {
    grass: '#86c94f',
    far: '#7fbf8a',
    trees: ['#ffb7d2', '#ff9cc2', '#8fce5f'],
    flowers: ['#ff8fc0', '#ffffff', '#ffd84d', '#c79bff'],
  },
  summer: {
    grass: '#6dbb45',
    far: '#5fae8a',
    trees: ['#3f9d4e', '#4fae4a', '#2f8a55'],
    flowers: ['#ff6b6b', '#ffffff', '#ffd84d', '#9b7bff'],
  },
  autumn: {
    grass: '#c9a544',
    far: '#a98a62',
    trees: ['#e2762b', '#d9482b', '#f0a92e'],
    flowers: ['#ff9f43', '#e2552f', '#ffe08a'],
  },
  winter: {
    grass: '#e6eef7',
    far: '#b9cbe2',
    trees: ['#5c8a80', '#7aa39a'],
    flowers: ['#ffffff', '#dbe7f5'],
  },
};

export function drawMeadow(easel: Easel): Backdrop {
  const { width, height, horizon, ground, isPlain, scene } = easel;
  const { grass, far, trees, flowers } = greenery[scene.season];
  const hill = (part: string, level: number, swing: number) =>
    createHills(easel.dice(part), width, level, ground * swing);
  const [farHill, midHill, nearHill] = [
    hill('far hill', horizon - ground * 0.12, 0.16),
    hill('mid hill', horizon + ground * 0.04, 0.1),
    hill('near hill', horizon + ground * 0.24, 0.07),
  ];
  const range = isPlain
    ? ''
    : drawRange(easel, 'range', {
        level: horizon,
        peak: ground * 0.75,
        colour: '#7d94c4',
        distance: 0.72,
        hasSnow: true,
      });
  const groveOf = (skyline: typeof farHill, size: number, count: number, distance: number) =>
    isPlain
      ? ''
      : drawGrove(easel, `grove ${count}`, {
          skyline,
          trees: ['round', 'pine', 'round'],
          colours: trees,
          count,
          height: ground * size,
          distance,
        });
  const back =
    drawSky(easel) +
    range +
    fillUnder(easel, farHill, far, 0.5) +
    groveOf(farHill, 0.2, 22, 0.46) +
    fillUnder(easel, midHill, grass, 0.26) +
    groveOf(midHill, 0.36, 9, 0.22) +
    fillUnder(easel, nearHill, grass, 0.04);
  const strew = (part: string, top: number, bottom: number, count: number) =>
    isPlain
      ? ''
      : drawMeadowFlowers(easel, part, {
          top,
          bottom,
          count,
          colours: flowers,
          grass: scene.season === 'winter' ? '#c6d4e6' : '#4c9a3a',
        });
  return {
    back: back + strew('flowers', horizon + ground * 0.4, height * 0.93, 46),
    front: strew('front flowers', height * 0.965, height * 1.02, 26),
  };
}
