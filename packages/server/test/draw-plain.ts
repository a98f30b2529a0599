import { createHash } from 'node:crypto';
import type { Illustrate } from '@darkroom/sandbox';
import sharp from 'sharp';

/**
 * A plain area of the ordered size, in a colour that depends on what was ordered: for tests that ask for pictures and do not
 * look at them. The sandbox's own artist takes ten times as long.
 */
export const drawPlain: Illustrate = ({ prompt, edits, take, pixels, format = 'jpeg' }) => {
  const [r = 0, g = 0, b = 0] = createHash('sha256')
    .update(JSON.stringify([prompt, edits, take]))
    .digest();
  return sharp({ create: { ...pixels, channels: 3, background: { r, g, b } } })
    .toFormat(format)
    .toBuffer();
};
