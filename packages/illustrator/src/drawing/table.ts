import type { Easel } from '../backgrounds/backdrop.ts';
import { type Colour, darken, lighten, mix } from '../colour.ts';
import { ellipse, glowing, line, linear, n, rect, type Svg } from './paint.ts';

/** A wooden table top that fills the foreground. */
export function drawTable(easel: Easel): Svg {
  const { width, height, scene } = easel;
  const { table } = scene;
  if (table === undefined) return '';
  const wood = (colour: Colour) => mix(colour, easel.lit(colour), 0.35);
  const isStudio = scene.background !== 'room';
  const base: Colour = isStudio ? mix('#dcae80', scene.palette.accents[3], 0.1) : '#9a6240';
  const top = rect(
    0,
    table,
    width,
    height - table,
    linear([
      [0, wood(lighten(base, 0.26))],
      [0.5, wood(base)],
      [1, wood(darken(base, 0.3))],
    ]),
  );
  const shadow = rect(
    0,
    table - 10,
    width,
    10,
    linear([
      [0, '#20120c', 0],
      [1, '#20120c', 0.28],
    ]),
  );
  const edge = rect(0, table, width, 5, wood(lighten(base, 0.5)));
  const dice = easel.dice('grain');
  const grain = Array.from({ length: 14 }, (_, index) => {
    const y = table + (height - table) * ((index + dice.roll()) / 14) ** 1.3;
    const bend = dice.between(-9, 9);
    return line(
      `M${n(-10)} ${n(y)}C${n(width * 0.3)} ${n(y + bend)} ${n(width * 0.6)} ${n(y - bend)} ${n(width + 10)} ${n(y + bend * 0.4)}`,
      wood(darken(base, 0.4)),
      1 + index * 0.1,
      0.22,
    );
  });
  const light = ellipse(
    width / 2,
    table + (height - table) * 0.25,
    width * 0.42,
    (height - table) * 0.4,
    glowing('#fff0d0', 0.4),
  );
  return shadow + top + (easel.isPlain ? '' : grain.join('')) + light + edge;
}
