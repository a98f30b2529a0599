import { type Colour, darken, lighten } from '../colour.ts';
import { circle, ellipse, glowing, group, linear, n, path, radial, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, underneath } from './land.ts';
import { drawStars } from './sky.ts';

export function drawSpace(easel: Easel): Backdrop {
  const { width, height } = easel;
  const dice = easel.dice('planet');
  const isLeft = dice.roll() < 0.5;
  const planet = drawPlanet(
    easel,
    width * (isLeft ? 0.06 : 0.94),
    height * 0.96,
    Math.max(width, height) * 0.36,
    dice.pick(planets),
  );
  const moon = drawPlanet(
    easel,
    width * (isLeft ? 0.84 : 0.16),
    height * 0.17,
    Math.min(width, height) * 0.075,
    dice.pick(planets),
  );
  return { back: drawDeepSky(easel) + (easel.isPlain ? '' : planet) + moon, front: '' };
}

/** A grey plain full of craters under the earth. */
export function drawMoonscape(easel: Easel): Backdrop {
  const { width, height, horizon, ground } = easel;
  const dice = easel.dice('moonscape');
  const far = path(
    underneath(easel, createHills(easel.dice('far'), width, horizon - ground * 0.06, ground * 0.1)),
    linear([
      [0, '#7d8298'],
      [1, '#5d6178'],
    ]),
  );
  const near = path(
    underneath(easel, createHills(easel.dice('near'), width, horizon + ground * 0.1, ground * 0.05)),
    linear([
      [0, '#c3c6d2'],
      [0.5, '#a4a8b8'],
      [1, '#7c8096'],
    ]),
  );
  const craters = Array.from({ length: 13 }, () => {
    const depth = dice.roll();
    const [x, y, size] = [
      dice.roll() * width,
      horizon + ground * (0.24 + depth * 0.74),
      width * (0.014 + depth * 0.055),
    ];
    return (
      ellipse(x, y + size * 0.07, size, size * 0.3, '#d9dbe4', { opacity: 0.8 }) +
      ellipse(
        x,
        y,
        size * 0.94,
        size * 0.27,
        linear([
          [0, '#6f7388'],
          [1, '#989cae'],
        ]),
      )
    );
  });
  const earth = drawPlanet(
    easel,
    width * (dice.roll() < 0.5 ? 0.2 : 0.8),
    height * 0.2,
    Math.min(width, height) * 0.12,
    '#3f8fe0',
  );
  return { back: drawDeepSky(easel) + earth + far + near + craters.join(''), front: '' };
}

const planets: readonly [Colour, ...Colour[]] = ['#e0905a', '#7a8cf0', '#c86fc0', '#4fb0a8', '#d9b36a'];

function drawDeepSky(easel: Easel): Svg {
  const { width, height, scene } = easel;
  const dice = easel.dice('nebula');
  const night = rect(
    0,
    0,
    width,
    height,
    linear([
      [0, '#070a24'],
      [0.55, '#131243'],
      [1, '#261450'],
    ]),
  );
  const clouds = Array.from({ length: 9 }, (_, index) => {
    const colour = index % 3 === 2 ? '#2f6fd8' : (scene.palette.accents[index % 4] ?? '#7a4be0');
    const along = (index + 0.5) / 9;
    const [x, y] = [along * width, height * (0.85 - along * 0.75 + dice.between(-0.12, 0.12))];
    return ellipse(x, y, width * dice.between(0.2, 0.36), height * dice.between(0.12, 0.26), glowing(colour, 0.34));
  });
  return night + clouds.join('') + drawStars(easel, height * 1.4, 240) + drawBright(easel);
}

function drawBright(easel: Easel): Svg {
  const dice = easel.dice('bright stars');
  const stars = Array.from({ length: 7 }, () => {
    const [x, y, size] = [dice.roll() * easel.width, dice.roll() * easel.height, dice.between(7, 17)];
    const spikes = `M${n(x)} ${n(y - size)}Q${n(x)} ${n(y)} ${n(x + size)} ${n(y)}Q${n(x)} ${n(y)} ${n(x)} ${n(y + size)}Q${n(x)} ${n(y)} ${n(x - size)} ${n(y)}Q${n(x)} ${n(y)} ${n(x)} ${n(y - size)}Z`;
    return circle(x, y, size * 1.6, glowing('#bcd2ff', 0.5)) + path(spikes, '#ffffff');
  });
  return stars.join('');
}

function drawPlanet(easel: Easel, x: number, y: number, radius: number, colour: Colour): Svg {
  const air = circle(x, y, radius * 1.22, glowing(lighten(colour, 0.4), 0.5));
  const disc = circle(
    x,
    y,
    radius,
    linear([
      [0, lighten(colour, 0.35)],
      [0.5, colour],
      [1, darken(colour, 0.45)],
    ]),
  );
  const dice = easel.dice(`bands ${n(radius)}`);
  const bands = Array.from({ length: 5 }, (_, index) => {
    const level = -0.7 + index * 0.34 + dice.between(-0.05, 0.05);
    const half = Math.sqrt(Math.max(0, 1 - level * level)) * radius;
    return ellipse(
      x,
      y + level * radius,
      half * 0.985,
      radius * dice.between(0.03, 0.09),
      dice.roll() < 0.5 ? lighten(colour, 0.25) : darken(colour, 0.2),
      { opacity: 0.35 },
    );
  });
  const shade = circle(
    x,
    y,
    radius,
    radial([
      [0, '#070a24', 0],
      [0.7, '#070a24', 0.08],
      [1, '#070a24', 0.6],
    ]),
  );
  return air + disc + group(bands.join(''), `transform="rotate(-14 ${n(x)} ${n(y)})"`) + shade;
}
