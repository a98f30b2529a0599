import { type Colour, darken } from '../colour.ts';
import { ellipse, linear, n, path, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, drawGrove, drawMeadowFlowers, fillUnder } from './land.ts';
import { greenery } from './meadow.ts';
import { drawRays, drawSky } from './sky.ts';

const grass: readonly [Colour, Colour, Colour] = ['#4f8a4a', '#4c8b3f', '#8cbf5c'];
const snow: readonly [Colour, Colour, Colour] = ['#b9cbe2', '#dfe8f5', '#ffffff'];

/** Rows of trees that fade into the light, trunks at the sides, and a clearing between them. */
export function drawForest(easel: Easel): Backdrop {
  const { width, height, horizon, ground, scene, isPlain } = easel;
  const isWinter = scene.season === 'winter';
  const [rise, moss, glade] = isWinter ? snow : grass;
  const { trees, flowers } = greenery[scene.season];
  const rows = [0.78, 0.5, 0.24].map((distance, index) => {
    const skyline = createHills(
      easel.dice(`rise ${index}`),
      width,
      horizon + ground * (0.02 + index * 0.08),
      ground * 0.04,
    );
    const grove = drawGrove(easel, `row ${index}`, {
      skyline,
      trees: ['pine'],
      colours: trees.map((tree) => darken(tree, 0.2)) as [(typeof trees)[0]],
      count: isPlain ? 7 : 26 - index * 6,
      height: height * (0.34 + index * 0.09),
      distance,
    });
    return grove + fillUnder(easel, skyline, rise, distance * 0.9);
  });
  const floor = createHills(easel.dice('floor'), width, horizon + ground * 0.3, ground * 0.05);
  const clearing = ellipse(width * 0.5, horizon + ground * 0.86, width * 0.42, ground * 0.26, easel.lit(glade, 0.1), {
    opacity: 0.55,
  });
  const front = drawMeadowFlowers(easel, 'ferns', {
    top: height * 0.96,
    bottom: height * 1.02,
    count: 34,
    colours: flowers,
    grass: isWinter ? '#c6d4e6' : '#2f7a3c',
  });
  return {
    back:
      drawSky(easel) +
      rows.join('') +
      drawRays(easel, easel.isDark ? 0.1 : 0.32) +
      fillUnder(easel, floor, moss, 0.02) +
      clearing +
      drawTrunks(easel),
    front: isPlain ? '' : front,
  };
}

function drawTrunks(easel: Easel): Svg {
  const { width, height, horizon, ground } = easel;
  const bark = linear(
    [
      [0, easel.lit('#5a4034', 0.05)],
      [0.6, easel.lit('#7a5847', 0.05)],
      [1, easel.lit('#45302a', 0.05)],
    ],
    'across',
  );
  const leaves = easel.lit(darken(greenery[easel.scene.season].trees[0], 0.34), 0.05);
  const trunks = [
    [-0.02, 0.085],
    [0.94, 0.07],
  ].map(([x = 0, wide = 0]) => {
    const [left, right, foot] = [x * width, (x + wide) * width, horizon + ground * 0.62];
    return path(
      `M${n(left)} 0H${n(right)}C${n(right)} ${n(height * 0.5)} ${n(right)} ${n(foot * 0.94)} ${n(right + width * 0.04)} ${n(foot)}H${n(left - width * 0.04)}C${n(left)} ${n(foot * 0.94)} ${n(left)} ${n(height * 0.5)} ${n(left)} 0Z`,
      bark,
    );
  });
  const dice = easel.dice('leaves');
  const canopy = Array.from({ length: 44 }, (_, index) => {
    const side = dice.roll() ** 1.6 * 0.46;
    const x = (index % 2 === 0 ? side : 1 - side) * width;
    const y = dice.between(-0.03, 0.11 - side * 0.16) * height;
    return ellipse(
      x,
      y,
      width * dice.between(0.05, 0.09),
      height * dice.between(0.018, 0.04),
      index % 3 === 0 ? darken(leaves, 0.2) : leaves,
    );
  });
  return trunks.join('') + canopy.join('');
}
