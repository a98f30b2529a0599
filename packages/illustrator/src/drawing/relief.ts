import { darken, mix } from '../colour.ts';
import type { Scene, Subject } from '../scene.ts';
import { heights } from '../subjects/piece.ts';
import { n, type Svg } from './paint.ts';

/** The area around a shape, in the shape's units: it has room for hats above and shoulders at the sides. */
export interface ReliefBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function toReliefBox({ pose }: Subject): ReliefBox {
  return { x: -4, y: -16, width: 40, height: 16 + 32 * heights[pose] + 3 };
}

/**
 * The light and shade on one subject, made from its outline. It is a separate document, because librsvg gives every step of
 * a filter a surface of the whole document. It is no larger than a soft gradient needs, however large the picture is.
 */
export function drawRelief(scene: Scene, subject: Subject, shape: Svg): Svg {
  const { x, y, width, height } = toReliefBox(subject);
  const native = ((subject.size / 32) * scene.pixels.width) / scene.canvas.width;
  const scale = Math.min(native, longestEdge / height);
  const turned = subject.isFlipped ? `<g transform="translate(32 0) scale(-1 1)">${shape}</g>` : shape;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${Math.ceil(width * scale)}" height="${Math.ceil(height * scale)}" viewBox="${x} ${y} ${width} ${n(height)}" preserveAspectRatio="none">` +
    `${defineRelief(scene)}<g filter="url(#relief)">${turned}</g></svg>`
  );
}

const longestEdge = 720;

/** Light from the upper left and shade at the lower right. Rich light reaches far into the shape. */
function defineRelief(scene: Scene): Svg {
  const isNeon = scene.time === 'neon';
  const isRich = isNeon || scene.styles.includes('realistic');
  const light = isNeon ? '#22e6ff' : mix(scene.palette.glow, '#ffffff', 0.3);
  const shade = isNeon ? '#ff2fb3' : darken(scene.palette.sky[0], 0.6);
  const [spread, strength] = isNeon ? [0.55, 0.95] : isRich ? [0.9, 0.6] : [0.55, 0.42];
  const rims = [
    drawEdge('shade', {
      x: -1.1 * spread,
      y: isNeon ? 0 : -0.9 * spread,
      colour: shade,
      opacity: isNeon ? 0.9 : strength * 0.6,
    }),
    drawEdge('light', { x: spread, y: (isNeon ? 0.4 : 1.1) * spread, colour: light, opacity: strength }),
  ];
  const washes = [
    drawEdge('dusk', { x: -3.2, y: isNeon ? 0 : -1.8, colour: shade, opacity: isNeon ? 0.5 : 0.2 }),
    drawEdge('dawn', { x: 3.2, y: isNeon ? 1.4 : 2.7, colour: light, opacity: isNeon ? 0.34 : 0.16 }),
  ];
  const soften = (deviation: number) =>
    `<feGaussianBlur in="SourceAlpha" stdDeviation="${n(deviation)}" result="soft"/>`;
  const wide = isRich ? soften(2.6) + washes.join('') : '';
  const merged = [...(isRich ? ['dusk', 'dawn'] : []), 'shade', 'light'].map((name) => `<feMergeNode in="${name}"/>`);
  return (
    '<filter id="relief" filterUnits="userSpaceOnUse" x="-4" y="-16" width="40" height="84" color-interpolation-filters="sRGB">' +
    `${soften(spread)}${rims.join('')}${wide}<feMerge>${merged.join('')}</feMerge></filter>`
  );
}

interface Edge {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly opacity: number;
}

/** The outline minus a soft, moved copy of it. */
function drawEdge(name: string, { x, y, colour, opacity }: Edge): Svg {
  return (
    `<feOffset in="soft" dx="${n(x)}" dy="${n(y)}"/><feComposite in="SourceAlpha" operator="out" result="${name}Edge"/>` +
    `<feFlood flood-color="${colour}" flood-opacity="${n(opacity)}"/><feComposite in2="${name}Edge" operator="in" result="${name}"/>`
  );
}
