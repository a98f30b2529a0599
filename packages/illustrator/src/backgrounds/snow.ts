import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, drawGrove, drawRange, fillUnder } from './land.ts';
import { drawSky } from './sky.ts';

export function drawSnow(easel: Easel): Backdrop {
  const { width, horizon, ground, isPlain } = easel;
  const hill = (part: string, level: number, swing: number) =>
    createHills(easel.dice(part), width, horizon + ground * level, ground * swing);
  const [far, middle, near] = [hill('far', -0.1, 0.12), hill('middle', 0.06, 0.1), hill('near', 0.26, 0.08)];
  const grove = (skyline: typeof far, count: number, size: number, distance: number) =>
    drawGrove(easel, `pines ${count}`, {
      skyline,
      trees: ['pine'],
      colours: ['#5f8f92', '#79a7ab', '#d9e8f2'],
      count: isPlain ? 3 : count,
      height: ground * size,
      distance,
    });
  const range = drawRange(easel, 'range', {
    level: horizon,
    peak: horizon * 0.42,
    colour: '#93a7d3',
    distance: 0.6,
    hasSnow: true,
  });
  return {
    back:
      drawSky(easel) +
      range +
      fillUnder(easel, far, '#c9d8ee', 0.4) +
      grove(far, 24, 0.26, 0.45) +
      fillUnder(easel, middle, '#dfe9f6', 0.2) +
      grove(middle, 9, 0.5, 0.22) +
      fillUnder(easel, near, '#f4f8ff', 0.02),
    front: '',
  };
}
