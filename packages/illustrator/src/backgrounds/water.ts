import { type Colour, mix } from '../colour.ts';
import { ellipse, linear, n, path, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, underneath } from './land.ts';
import { drawSky } from './sky.ts';

const deep: Colour = '#1668b8';
const shallow: Colour = '#38b6d8';

/** The open sea: waves in bands that grow towards the viewer. */
export function drawSea(easel: Easel): Backdrop {
  const { horizon, ground, isPlain } = easel;
  const bands = [0.12, 0.28, 0.5, 0.72, 0.9].map((level, index) => drawWave(easel, index, horizon + ground * level));
  return {
    back: drawSky(easel) + drawWater(easel) + (isPlain ? '' : bands.slice(0, 2).join('')),
    front: isPlain ? '' : bands.slice(2).join(''),
  };
}

/** Sea, foam and sand. */
export function drawBeach(easel: Easel): Backdrop {
  const { width, height, horizon, ground, isPlain } = easel;
  const shore = createHills(easel.dice('shore'), width, horizon + ground * 0.36, ground * 0.05);
  const shift = (by: number) => (x: number) => shore(x) + by;
  const foam = path(underneath(easel, shift(-ground * 0.035)), easel.lit('#ffffff'), { opacity: 0.9 });
  const wet = path(underneath(easel, shore), easel.lit('#d9b27a'));
  const sand = path(
    underneath(easel, shift(ground * 0.05)),
    linear([
      [0, easel.lit('#f7dfae')],
      [1, easel.lit('#ecc488')],
    ]),
  );
  const dice = easel.dice('pebbles');
  const pebbles = Array.from({ length: isPlain ? 0 : 40 }, () =>
    ellipse(
      dice.roll() * width,
      dice.between(horizon + ground * 0.55, height),
      dice.between(2, 6),
      dice.between(1, 2.6),
      easel.lit(dice.pick(['#d2a468', '#fff3d6', '#c98f6b'])),
      { opacity: 0.7 },
    ),
  );
  const waves = isPlain
    ? ''
    : drawWave(easel, 0, horizon + ground * 0.13) + drawWave(easel, 1, horizon + ground * 0.24);
  return { back: drawSky(easel) + drawWater(easel) + waves + foam + wet + sand + pebbles.join(''), front: '' };
}

function drawWater(easel: Easel): Svg {
  const { width, height, horizon, ground, scene } = easel;
  const far = mix(scene.palette.sky[2], easel.lit(shallow), 0.45);
  const water = rect(
    0,
    horizon,
    width,
    height - horizon,
    linear([
      [0, far],
      [0.18, easel.lit(shallow, 0.2)],
      [1, easel.lit(deep)],
    ]),
  );
  const dice = easel.dice('sparkle');
  const sparkles = Array.from({ length: 60 }, () => {
    const depth = dice.roll() ** 2;
    return ellipse(
      dice.roll() * width,
      horizon + 3 + depth * ground * 0.8,
      4 + depth * 40,
      0.8 + depth * 1.6,
      scene.palette.glow,
      { opacity: dice.between(0.15, 0.6) },
    );
  });
  return water + sparkles.join('');
}

function drawWave(easel: Easel, index: number, level: number): Svg {
  const { width, height, ground } = easel;
  const dice = easel.dice(`wave ${index}`);
  const length = width / dice.between(3.5, 5.5) / (1.5 - index * 0.14);
  const swell = ground * (0.012 + index * 0.009);
  const start = -dice.roll() * length;
  const count = Math.ceil((width - start) / length) + 1;
  const crests = Array.from(
    { length: count },
    () => `q${n(length * 0.25)} ${n(-swell * 2)} ${n(length * 0.5)} 0t${n(length * 0.5)} 0`,
  ).join('');
  const line = `M${n(start)} ${n(level)}${crests}`;
  const tone = mix(easel.lit(shallow), easel.lit(deep), index / 5);
  const foam = `<path d="${line}" fill="none" stroke="${easel.lit('#ffffff')}" stroke-width="${n(1.5 + index * 0.8)}" opacity="0.5"/>`;
  return (
    path(
      `${line}V${n(height)}H${n(start)}Z`,
      linear([
        [0, tone, 0.75],
        [0.5, easel.lit(deep), 0.35],
        [1, easel.lit(deep), 0.7],
      ]),
    ) + foam
  );
}
