import { mix } from '../colour.ts';
import { circle, ellipse, glowing, group, linear, n, path, radial, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';

/** The sky down to a line: its gradient, its light, its stars or clouds. */
export function drawSky(easel: Easel, bottom = easel.horizon * 1.06): Svg {
  const { scene, width } = easel;
  const [top, middle, low] = scene.palette.sky;
  const air = rect(
    0,
    0,
    width,
    bottom,
    linear([
      [0, top],
      [0.55, middle],
      [1, low],
    ]),
  );
  const stars = easel.isDark && scene.weather === 'clear' ? drawStars(easel, bottom * 0.9, 90) : '';
  const clouds = easel.isPlain || scene.time === 'neon' ? '' : drawClouds(easel, bottom);
  return air + stars + drawLuminary(easel, bottom) + clouds;
}

/** An open sky above a sea of clouds, for things that fly. */
export function drawOpenSky(easel: Easel): Backdrop {
  const { width, height } = easel;
  const dice = easel.dice('cloud sea');
  const banks = [0.8, 0.88, 0.96].map((level, index) => {
    const puffs = Array.from({ length: 7 }, (_, place) => {
      const x = (place + dice.between(0, 1)) * (width / 6.5) - width * 0.08;
      return drawCloud(easel, x, height * level, width * dice.between(0.26, 0.4), 0.4 - index * 0.18);
    });
    return puffs.join('');
  });
  return { back: drawSky(easel, height) + (easel.isPlain ? '' : banks.slice(0, 2).join('')), front: banks[2] ?? '' };
}

export function drawStars(easel: Easel, bottom: number, count: number): Svg {
  const dice = easel.dice('stars');
  const stars = Array.from({ length: count }, () => {
    const y = dice.roll() ** 1.3 * bottom;
    const size = 0.7 + dice.roll() ** 4 * 2.6;
    return circle(dice.roll() * easel.width, y, size, dice.pick(['#ffffff', '#dfe8ff', '#fff2d8']), {
      opacity: dice.between(0.35, 1) * (1 - y / bottom / 1.4),
    });
  });
  return stars.join('');
}

/** Sun or moon, unless a subject is one. */
function drawLuminary(easel: Easel, bottom: number): Svg {
  const { scene, width } = easel;
  const dice = easel.dice('luminary');
  const isLow = scene.time === 'sunset' || scene.time === 'dawn';
  const x = width * (dice.roll() < 0.5 ? dice.between(0.14, 0.3) : dice.between(0.7, 0.86));
  const y = bottom * (isLow ? 0.78 : 0.2);
  const reach = Math.max(width, bottom) * (isLow ? 0.75 : 0.55);
  const halo = circle(x, y, reach, glowing(scene.palette.glow, scene.time === 'night' ? 0.35 : 0.75));
  if (scene.weather !== 'clear' || scene.time === 'neon' || scene.subjects.some(({ name }) => /^sun|moon/.test(name)))
    return halo;
  const radius = Math.min(width, bottom) * (isLow ? 0.085 : 0.05);
  return (
    halo + (scene.time === 'night' ? drawMoon(x, y, radius * 1.2) : circle(x, y, radius, isLow ? '#fff1c4' : '#fffbe8'))
  );
}

function drawMoon(x: number, y: number, radius: number): Svg {
  const disc = circle(
    x,
    y,
    radius,
    radial([
      [0, '#ffffff'],
      [0.8, '#eef1ff'],
      [1, '#d5dcfa'],
    ]),
  );
  const craters = [
    [-0.3, -0.2, 0.22],
    [0.25, 0.3, 0.28],
    [0.3, -0.4, 0.13],
    [-0.35, 0.4, 0.12],
  ].map(([dx = 0, dy = 0, size = 0]) =>
    circle(x + dx * radius, y + dy * radius, size * radius, '#cbd3f2', { opacity: 0.6 }),
  );
  return disc + craters.join('');
}

function drawClouds(easel: Easel, bottom: number): Svg {
  const dice = easel.dice('clouds');
  const count = Math.round(3 + (easel.width / bottom) * 1.4);
  const clouds = Array.from({ length: count }, (_, index) => {
    const y = bottom * (0.16 + 0.62 * ((index + dice.between(0, 0.8)) / count));
    const distance = y / bottom;
    const size = easel.width * dice.between(0.16, 0.3) * (1.25 - distance * 0.75);
    return drawCloud(easel, dice.roll() * easel.width, y, size, distance * 0.55);
  });
  return group(clouds.join(''), `opacity="${easel.isDark ? 0.4 : 0.92}"`);
}

/** One cloud: a heap of puffs on a soft flat foot, lit from above. */
function drawCloud(easel: Easel, x: number, y: number, width: number, distance: number): Svg {
  const { palette } = easel.scene;
  const light = mix(easel.lit('#ffffff', distance * 0.4), palette.glow, 0.25);
  const shade = mix(palette.sky[1], light, easel.isDark ? 0.25 : 0.6);
  const dice = easel.dice(`cloud ${n(x)} ${n(y)}`);
  const puffs = Array.from({ length: 6 }, (_, index) => {
    const place = (index + 0.5) / 6 - 0.5;
    const radius = width * (0.2 - Math.abs(place) * 0.22) * dice.between(0.8, 1.25);
    return circle(
      x + place * width * 0.82,
      y - radius * 0.62,
      Math.max(radius, width * 0.06),
      linear([
        [0, light],
        [1, shade, 0.85],
      ]),
    );
  });
  const foot = ellipse(
    x,
    y,
    width * 0.5,
    width * 0.055,
    linear([
      [0, light, 0.9],
      [1, shade, 0.7],
    ]),
  );
  return foot + puffs.join('');
}

/** Rays that fan out from a point above the picture. */
export function drawRays(easel: Easel, strength: number): Svg {
  const { width, height, scene } = easel;
  const dice = easel.dice('rays');
  const start = width * dice.between(0.2, 0.8);
  const rays = Array.from({ length: 7 }, (_, index) => {
    const end = width * (index / 6 - 0.1) + dice.between(-0.1, 0.2) * width;
    const spread = width * dice.between(0.03, 0.09);
    const shape = `M${n(start - 12)} ${n(-height * 0.15)}L${n(end - spread)} ${n(height)}L${n(end + spread)} ${n(height)}L${n(start + 12)} ${n(-height * 0.15)}Z`;
    return path(
      shape,
      linear([
        [0, scene.palette.glow, strength],
        [0.85, scene.palette.glow, 0],
      ]),
    );
  });
  return rays.join('');
}
