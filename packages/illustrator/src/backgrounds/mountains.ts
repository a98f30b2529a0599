import { ellipse, linear, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, drawGrove, drawMeadowFlowers, drawRange, fillUnder } from './land.ts';
import { greenery } from './meadow.ts';
import { drawSky } from './sky.ts';

/** Two ranges over a lake that mirrors the sky, and a grassy shore in front. */
export function drawMountains(easel: Easel): Backdrop {
  const { width, height, horizon, ground, scene, isPlain } = easel;
  const { grass, trees, flowers } = greenery[scene.season];
  const far = drawRange(easel, 'far range', {
    level: horizon,
    peak: horizon * 0.6,
    colour: '#8296c8',
    distance: 0.66,
    hasSnow: true,
  });
  const near = drawRange(easel, 'near range', {
    level: horizon,
    peak: horizon * 0.4,
    colour: '#5f73a8',
    distance: 0.36,
    hasSnow: !isPlain,
  });
  const foothill = createHills(easel.dice('foothill'), width, horizon - ground * 0.06, ground * 0.08);
  const grove = drawGrove(easel, 'foothill trees', {
    skyline: foothill,
    trees: ['pine'],
    colours: trees,
    count: isPlain ? 6 : 34,
    height: ground * 0.36,
    distance: 0.3,
  });
  const shore = createHills(easel.dice('shore'), width, horizon + ground * 0.5, ground * 0.07);
  return {
    back:
      drawSky(easel) +
      far +
      near +
      fillUnder(easel, foothill, '#4f8f6c', 0.34) +
      grove +
      drawLake(easel) +
      fillUnder(easel, shore, grass, 0.03),
    front: isPlain
      ? ''
      : drawMeadowFlowers(easel, 'shore flowers', {
          top: height * 0.95,
          bottom: height * 1.02,
          count: 30,
          colours: flowers,
          grass: '#4c9a3a',
        }),
  };
}

function drawLake(easel: Easel): Svg {
  const { width, horizon, ground, height, scene } = easel;
  const [top, , low] = scene.palette.sky;
  const water = rect(
    0,
    horizon,
    width,
    height - horizon,
    linear([
      [0, easel.lit(low)],
      [0.3, easel.lit('#6bb5dd', 0.15)],
      [0.6, easel.lit(top)],
      [1, easel.lit(top)],
    ]),
  );
  const dice = easel.dice('glints');
  const glints = Array.from({ length: 26 }, () =>
    ellipse(
      dice.roll() * width,
      horizon + dice.between(0.04, 0.5) * ground,
      width * dice.between(0.015, 0.06),
      1.3,
      scene.palette.glow,
      { opacity: dice.between(0.15, 0.5) },
    ),
  );
  return water + glints.join('');
}
