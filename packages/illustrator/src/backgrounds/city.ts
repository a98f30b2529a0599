import { type Colour, darken, lighten, mix } from '../colour.ts';
import { circle, ellipse, glowing, line, linear, n, path, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { drawSky } from './sky.ts';

/** Rows of houses that fade with distance, a street with its lamps, and signs when the lights are neon. */
export function drawCity(easel: Easel): Backdrop {
  const { scene, isPlain } = easel;
  const rows = [drawSkyline(easel, 0, 0.7), drawSkyline(easel, 1, 0.42), drawSkyline(easel, 2, 0.14)];
  const isNeon = scene.time === 'neon';
  const signs = isNeon ? drawSigns(easel) : '';
  return {
    back:
      drawSky(easel) +
      rows.slice(isPlain ? 1 : 0).join('') +
      signs +
      drawStreet(easel) +
      (isNeon || isPlain ? '' : drawLamps(easel)),
    front: isNeon ? drawBokeh(easel) : '',
  };
}

const walls: readonly [Colour, ...Colour[]] = ['#c98b6b', '#8fa3bf', '#d9b48f', '#7f8fa8', '#b8746a', '#a8b4c4'];

function drawSkyline(easel: Easel, row: number, distance: number): Svg {
  const { width, horizon, ground } = easel;
  const dice = easel.dice(`skyline ${row}`);
  const tallest = horizon * (easel.scene.time === 'neon' ? 1.05 - row * 0.14 : 0.78 - row * 0.16);
  const houses: Svg[] = [];
  for (let x = -width * 0.03; x < width; ) {
    const wide = width * dice.between(0.07, 0.13) * (0.8 + row * 0.22);
    // Lower in the middle, to lead the eye down the street.
    const middle = 1 - Math.exp(-(((x + wide / 2) / width - 0.5) ** 2) * 14) * (0.22 + row * 0.26);
    const tall = tallest * dice.between(0.55, 1) * middle;
    houses.push(
      drawHouse(easel, {
        x,
        wide,
        top: horizon - tall,
        foot: horizon + ground * 0.06,
        wall: dice.pick(walls),
        distance,
      }),
    );
    x += wide * dice.between(0.92, 1.06);
  }
  return houses.join('');
}

interface House {
  readonly x: number;
  readonly wide: number;
  readonly top: number;
  readonly foot: number;
  readonly wall: Colour;
  readonly distance: number;
}

function drawHouse(easel: Easel, { x, wide, top, foot, wall, distance }: House): Svg {
  const base = easel.isDark ? mix(wall, '#17143c', 0.72) : wall;
  const front = rect(
    x,
    top,
    wide,
    foot - top,
    linear([
      [0, easel.lit(lighten(base, 0.06), distance)],
      [1, easel.lit(darken(base, 0.12), distance * 0.9)],
    ]),
  );
  const side = rect(x + wide * 0.8, top, wide * 0.2, foot - top, easel.lit(darken(base, 0.3), distance));
  const roof = rect(x - 2, top - 5, wide + 4, 8, easel.lit(darken(base, 0.3), distance), 2);
  return (
    front +
    side +
    roof +
    (easel.isPlain || distance > 0.6 ? '' : drawWindows(easel, { x, wide, top, foot, wall, distance }))
  );
}

function drawWindows(easel: Easel, { x, wide, top, foot, distance }: House): Svg {
  const dice = easel.dice(`windows ${n(x)} ${n(top)}`);
  const [columns, step] = [Math.max(2, Math.round(wide / 26)), Math.max(26, (foot - top) / 14)];
  const gap = (wide * 0.76) / columns;
  const windows: Svg[] = [];
  for (let y = top + step * 0.5; y < foot - step; y += step) {
    for (let column = 0; column < columns; column++) {
      const isLit = dice.roll() < (easel.isDark ? 0.55 : 0.12);
      const warm = dice.pick<Colour>(
        easel.scene.time === 'neon' ? ['#ff7ad9', '#5fe9ff', '#ffd66b'] : ['#ffd98a', '#ffe9b8', '#ffc46b'],
      );
      const pane = isLit
        ? mix(warm, easel.scene.palette.haze, distance * 0.5)
        : easel.lit(easel.isDark ? '#2a2f5e' : '#9cc3de', distance);
      windows.push(
        `<path d="M${n(x + wide * 0.05 + column * gap + gap * 0.18)} ${n(y)}h${n(gap * 0.62)}v${n(step * 0.56)}h${n(-gap * 0.62)}z" fill="${pane}"/>`,
      );
    }
  }
  return windows.join('');
}

function drawStreet(easel: Easel): Svg {
  const { width, height, horizon, ground, scene, isDark } = easel;
  const top = horizon + ground * 0.05;
  const pavement = rect(
    0,
    top,
    width,
    height - top,
    linear([
      [0, easel.lit('#b9b2ac', 0.3)],
      [1, easel.lit('#a09a98')],
    ]),
  );
  const curb = horizon + ground * 0.24;
  const road = rect(
    0,
    curb,
    width,
    height - curb,
    linear([
      [0, easel.lit('#6d7180', 0.2)],
      [1, easel.lit('#494d5c')],
    ]),
  );
  const dashes = Array.from({ length: 7 }, (_, index) => {
    const x = width * (index / 6.2 - 0.03);
    return path(
      `M${n(x)} ${n(horizon + ground * 0.5)}h${n(width * 0.07)}l${n(-width * 0.012)} ${n(ground * 0.028)}h${n(-width * 0.07)}z`,
      easel.lit('#f3e6c0', 0.1),
      { opacity: 0.8 },
    );
  });
  const sheen = isDark
    ? scene.palette.accents.map((accent, index) =>
        ellipse(
          width * (0.12 + index * 0.26),
          horizon + ground * 0.6,
          width * 0.12,
          ground * 0.42,
          glowing(scene.time === 'neon' ? accent : '#ffcf7a', 0.42),
        ),
      )
    : [];
  return pavement + rect(0, curb - 5, width, 6, easel.lit('#d6d0c8', 0.15)) + road + dashes.join('') + sheen.join('');
}

function drawLamps(easel: Easel): Svg {
  const { width, horizon, ground, isDark } = easel;
  const lamps = [0.08, 0.92].map((place) => {
    const [x, foot, tall] = [place * width, horizon + ground * 0.22, horizon * 0.42];
    const arm = (place < 0.5 ? 1 : -1) * width * 0.045;
    const post = line(
      `M${n(x)} ${n(foot)}V${n(foot - tall)}q0 ${n(-width * 0.025)} ${n(arm)} ${n(-width * 0.025)}`,
      easel.lit('#3c4152'),
      7,
    );
    const head = ellipse(
      x + arm,
      foot - tall - width * 0.02,
      width * 0.02,
      width * 0.009,
      isDark ? '#fff0c2' : easel.lit('#5a6074'),
    );
    return post + head + (isDark ? circle(x + arm, foot - tall, width * 0.16, glowing('#ffd88a', 0.75)) : '');
  });
  return lamps.join('');
}

/** Glowing tubes on the walls: boxes with strokes that look like letters. */
function drawSigns(easel: Easel): Svg {
  const { width, horizon, scene } = easel;
  const dice = easel.dice('signs');
  const signs = Array.from({ length: 8 }, (_, index) => {
    const [isLeft, row] = [index % 2 === 0, Math.floor(index / 2)];
    const [wide, tall] = [width * dice.between(0.06, 0.1), horizon * dice.between(0.13, 0.19)];
    const x = isLeft ? width * dice.between(0.02, 0.16) : width * dice.between(0.8, 0.93) - wide * 0.3;
    const y = horizon * (0.08 + row * 0.22 + dice.between(0, 0.03));
    const colour = scene.palette.accents[index % 3] ?? scene.palette.accents[0];
    const halo = ellipse(x + wide / 2, y + tall / 2, wide * 2.4, tall * 1.15, glowing(colour, 0.6));
    const box = `<rect x="${n(x)}" y="${n(y)}" width="${n(wide)}" height="${n(tall)}" rx="7" fill="#150a2e" fill-opacity="0.85" stroke="${lighten(colour, 0.3)}" stroke-width="3.5"/>`;
    return halo + box + drawGlyphs(easel, x, y, wide, tall, lighten(colour, 0.45), index);
  });
  return signs.join('');
}

function drawGlyphs(
  easel: Easel,
  x: number,
  y: number,
  wide: number,
  tall: number,
  colour: Colour,
  index: number,
): Svg {
  const dice = easel.dice(`glyphs ${index}`);
  const count = Math.max(2, Math.floor(tall / (wide * 0.9)));
  const edge = Math.min(wide * 0.5, (tall / count) * 0.62);
  const strokes = [
    'M0 0H1M.5 0V1M0 1H1',
    'M0 .2H1M0 .6H1M.5 0V1',
    'M0 0V1H1V0M0 .5H1',
    'M.5 0V.3M0 .3H1M.5 .3C.5 .8 .2 1 0 1M.5 .6L1 1',
    'M.1 .1H.9M.9 .1L.2 1M.5 .5L.95 .95',
  ] as const;
  const glyphs = Array.from({ length: count }, (_, row) => {
    const [left, top] = [x + (wide - edge) / 2, y + (tall / count) * (row + 0.5) - edge / 2];
    return `<path transform="translate(${n(left)} ${n(top)}) scale(${n(edge)})" d="${dice.pick(strokes)}" fill="none" stroke="${colour}" stroke-width="0.13" stroke-linecap="round"/>`;
  });
  return glyphs.join('');
}

function drawBokeh(easel: Easel): Svg {
  const dice = easel.dice('bokeh');
  const lights = Array.from({ length: 22 }, () => {
    const side = dice.roll() < 0.5 ? dice.between(-0.04, 0.24) : dice.between(0.76, 1.04);
    return circle(
      side * easel.width,
      dice.between(0.3, 1) * easel.height,
      dice.between(8, 34),
      dice.pick(easel.scene.palette.accents),
      { opacity: dice.between(0.07, 0.24) },
    );
  });
  return lights.join('');
}
