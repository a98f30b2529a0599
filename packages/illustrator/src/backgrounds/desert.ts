import { darken, lighten } from '../colour.ts';
import { linear, n, path, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, type Skyline, underneath } from './land.ts';
import { drawSky } from './sky.ts';

/** Mesas on the horizon, and dunes whose ridges separate light from shade. */
export function drawDesert(easel: Easel): Backdrop {
  const dunes = [0.42, 0.22, 0.03].map((distance, index) => drawDune(easel, index, distance));
  return { back: drawSky(easel) + drawMesas(easel) + dunes.join(''), front: '' };
}

function drawDune(easel: Easel, index: number, distance: number): Svg {
  const { width, horizon, ground } = easel;
  const level = horizon + ground * (-0.02 + index * 0.08 + index ** 2 * 0.04);
  const dice = easel.dice(`dune ${index}`);
  const skyline = createHills(dice, width, level, ground * 0.13);
  const [light, sand] = [easel.lit(lighten('#f0b866', 0.15), distance), easel.lit('#e0a050', distance)];
  const body = path(
    underneath(easel, skyline),
    linear([
      [0, light],
      [1, sand],
    ]),
  );
  return body + (easel.isPlain ? '' : drawLee(easel, skyline, dice.between(0.2, 0.8) * width, distance));
}

/** The shaded side of a dune, behind a crest that winds towards the viewer. */
function drawLee(easel: Easel, skyline: Skyline, crest: number, distance: number): Svg {
  const { width, ground, height } = easel;
  const top = skyline(crest);
  const shade = easel.lit(darken('#c67f3c', 0.08), distance);
  const reach = width * 0.5;
  return path(
    `M${n(crest)} ${n(top)}C${n(crest + reach * 0.1)} ${n(top + ground * 0.18)} ${n(crest - reach * 0.22)} ${n(top + ground * 0.3)} ${n(crest - reach * 0.1)} ${n(height)}H${n(crest + reach * 1.4)}C${n(crest + reach)} ${n(top + ground * 0.3)} ${n(crest + reach * 0.4)} ${n(skyline(crest + reach * 0.4) + ground * 0.04)} ${n(crest)} ${n(top)}Z`,
    linear([
      [0, shade, 0.6],
      [0.7, shade, 0.05],
      [1, shade, 0],
    ]),
  );
}

function drawMesas(easel: Easel): Svg {
  const { width, horizon, ground } = easel;
  const dice = easel.dice('mesas');
  const mesas = Array.from({ length: 4 }, () => {
    const x = dice.roll() * width;
    const [half, top] = [width * dice.between(0.05, 0.13), horizon - ground * dice.between(0.22, 0.5)];
    const shape = `M${n(x - half * 1.25)} ${n(horizon + 20)}L${n(x - half * 0.9)} ${n(top + 14)}L${n(x - half * 0.8)} ${n(top)}H${n(x + half * 0.75)}L${n(x + half * 0.9)} ${n(top + 20)}L${n(x + half * 1.3)} ${n(horizon + 20)}Z`;
    return path(
      shape,
      linear(
        [
          [0, easel.lit('#c9714c', 0.5)],
          [1, easel.lit('#d98e5f', 0.75)],
        ],
        'across',
      ),
    );
  });
  return mesas.join('');
}
