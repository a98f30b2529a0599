import type { Pixels } from '../picture-order.ts';
import type { Svg } from './paint.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const [width, height] = [132, 42];

/** Where the badge is, in the units of the canvas. */
export function toBadgeBox(canvas: { readonly width: number; readonly height: number }): Box {
  const margin = 22;
  return { x: canvas.width - width - margin, y: canvas.height - height - margin, width, height };
}

/**
 * The word "sandbox" in a small dark pill. It is a separate document, so that no style makes it illegible. Its letters are
 * drawn as strokes, because a machine may have no fonts.
 */
export function drawBadge(pixels: Pixels): Svg {
  const pill = `<rect width="${width}" height="${height}" rx="${height / 2}" fill="#12142a" fill-opacity="0.72"/><rect x=".75" y=".75" width="${width - 1.5}" height="${height - 1.5}" rx="${height / 2 - 0.75}" fill="none" stroke="#ffffff" stroke-opacity="0.35" stroke-width="1.500"/>`;
  const word = `<path transform="translate(18.500 10)" d="${lettering}" fill="none" stroke="#ffffff" stroke-width="2.700" stroke-linecap="round" stroke-linejoin="round"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${pixels.width}" height="${pixels.height}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">${pill}${word}</svg>`;
}

/** Lower-case letters, 10 high, with ascenders from 0. The base line is at 20. */
const bowl = 'a5 5 0 1 0 10 0a5 5 0 1 0-10 0';
const lettering = [
  'M8.500 11.600C7.600 10.500 6.300 10 4.700 10C2.600 10 1 10.900 1 12.500C1 16.200 8.900 13.600 8.900 17.300C8.900 19 7.200 20 4.900 20C3.100 20 1.500 19.400.5 18.200',
  `M13.500 15${bowl}M23.500 10V20`,
  'M28.500 20V10M28.500 14.500C28.500 11.600 30.300 10 32.800 10C35.300 10 37 11.600 37 14.500V20',
  `M41.500 15${bowl}M51.500 3V20`,
  `M56.500 15${bowl}M56.500 3V20`,
  `M71 15${bowl}`,
  'M85.500 10L94.500 20M94.500 10L85.500 20',
].join('');
