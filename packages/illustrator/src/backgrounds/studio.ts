import { type Colour, darken, fromHsl, lighten, mix, toHsl } from '../colour.ts';
import { circle, ellipse, glowing, linear, n, path, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';

/** A seamless backdrop with a large disc of light, for subjects without a natural setting. */
export function drawStudio(easel: Easel): Backdrop {
  const { width, height, horizon, scene, isDark } = easel;
  const { hue, saturation } = toHsl(scene.palette.accents[0]);
  const plain = fromHsl({ hue, saturation: Math.min(0.55, saturation), lightness: isDark ? 0.2 : 0.86 });
  const tone = underSky(easel, plain);
  const wall = rect(
    0,
    0,
    width,
    height,
    linear([
      [0, lighten(tone, 0.25)],
      [0.62, tone],
      [1, mix(tone, darken(tone, 0.3), 0.6)],
    ]),
  );
  const floor = rect(
    0,
    horizon,
    width,
    height - horizon,
    linear([
      [0, mix(tone, '#ffffff', 0.28)],
      [0.25, lighten(tone, 0.12)],
      [1, darken(tone, 0.08)],
    ]),
  );
  const radius = Math.min(width, height) * 0.36;
  const disc = circle(
    width / 2,
    horizon - radius * 0.86,
    radius,
    linear([
      [0, lighten(scene.palette.accents[0], 0.35)],
      [1, lighten(scene.palette.accents[1], 0.5)],
    ]),
  );
  const light = ellipse(
    width * 0.5,
    horizon - radius * 0.8,
    width * 0.6,
    height * 0.5,
    glowing('#ffffff', isDark ? 0.25 : 0.65),
  );
  return { back: wall + light + disc + floor + (easel.isPlain ? '' : drawConfetti(easel, radius)), front: '' };
}

/** A backdrop has no sky, so a low sun colours the backdrop itself. */
function underSky({ scene }: Easel, colour: Colour): Colour {
  return scene.time === 'sunset' || scene.time === 'dawn' ? mix(colour, scene.palette.sky[1], 0.6) : colour;
}

/** A few quiet shapes around the disc. */
function drawConfetti(easel: Easel, radius: number): Svg {
  const { width, horizon, scene } = easel;
  const dice = easel.dice('confetti');
  const shapes = Array.from({ length: 14 }, (_, index) => {
    const angle = Math.PI * (1.02 + (index / 13) * 0.96);
    const reach = radius * dice.between(1.16, 1.6);
    const [x, y] = [width / 2 + Math.cos(angle) * reach, horizon - radius * 0.86 + Math.sin(angle) * reach * 0.9];
    const colour = dice.pick(scene.palette.accents);
    return circle(x, y, radius * dice.between(0.012, 0.05), colour, { opacity: dice.between(0.4, 0.9) });
  });
  return shapes.join('');
}

/** Ribbons of colour that flow across the picture, for a prompt that names nothing to draw. */
export function drawAbstract(easel: Easel): Backdrop {
  const { width, height, scene } = easel;
  const { accents, sky } = scene.palette;
  const dice = easel.dice('ribbons');
  const ground = rect(
    0,
    0,
    width,
    height,
    linear(
      easel.isDark
        ? [
            [0, sky[0]],
            [1, sky[1]],
          ]
        : [
            [0, underSky(easel, lighten(accents[3], 0.55))],
            [1, lighten(accents[1], 0.7)],
          ],
    ),
  );
  const orb = Math.min(width, height) * dice.between(0.16, 0.24);
  const [x, y] = [width * dice.between(0.3, 0.7), height * dice.between(0.26, 0.42)];
  const sun =
    circle(x, y, orb * 2.6, glowing(accents[1], 0.6)) +
    circle(
      x,
      y,
      orb,
      linear([
        [0, lighten(accents[1], 0.3)],
        [1, accents[0]],
      ]),
    );
  const count = easel.isPlain ? 3 : 8;
  const ribbons = Array.from({ length: count }, (_, index) => {
    const part = index / count;
    const colour = mix(accents[index % 3] ?? accents[0], accents[(index + 1) % 3] ?? accents[1], dice.roll());
    const level = height * (0.46 + part * 0.52);
    return drawRibbon(easel, level, height * (0.13 - part * 0.06), darken(colour, part * 0.3), dice.between(-1, 1));
  });
  return { back: ground + sun + ribbons.join('') + drawPearls(easel), front: '' };
}

function drawRibbon(easel: Easel, level: number, swing: number, colour: Colour, lean: number): Svg {
  const { width, height } = easel;
  const bend = swing * (1.4 + lean * 0.5) * (lean < 0 ? -1 : 1);
  const shape = `M0 ${n(level + bend * 0.5)}C${n(width * 0.25)} ${n(level - bend)} ${n(width * 0.45)} ${n(level + bend * 1.3)} ${n(width * 0.66)} ${n(level)}S${n(width * 0.92)} ${n(level - bend)} ${n(width)} ${n(level - bend * 0.3)}V${n(height)}H0Z`;
  const shadow = path(
    shape,
    linear([
      [0, '#141432', 0.22],
      [0.3, '#141432', 0],
    ]),
    {},
  );
  return `<g transform="translate(0 -9)">${shadow}</g>${path(
    shape,
    linear([
      [0, lighten(colour, 0.32)],
      [0.35, colour],
      [1, darken(colour, 0.18)],
    ]),
  )}`;
}

function drawPearls(easel: Easel): Svg {
  const dice = easel.dice('pearls');
  const pearls = Array.from({ length: easel.isPlain ? 3 : 18 }, () => {
    const radius = 2 + dice.roll() ** 3 * 20;
    return circle(
      dice.roll() * easel.width,
      dice.roll() * easel.height * 0.8,
      radius,
      linear([
        [0, '#ffffff', 0.9],
        [1, dice.pick(easel.scene.palette.accents), 0.75],
      ]),
    );
  });
  return pearls.join('');
}
