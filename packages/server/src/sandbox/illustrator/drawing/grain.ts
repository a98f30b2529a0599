import sharp from 'sharp';
import { createDice } from '../dice.ts';

let grain: Promise<Buffer> | undefined;

/** A tile of faint specks, light and dark, that takes the bands out of gradients. Made once. */
export function createGrain(): Promise<Buffer> {
  grain ??= drawGrain();
  return grain;
}

const edge = 256;
const strongest = 15;

function drawGrain(): Promise<Buffer> {
  const dice = createDice('grain');
  const specks = Buffer.alloc(edge * edge * 4);
  for (let offset = 0; offset < specks.length; offset += 4) {
    specks.fill(dice.roll() < 0.5 ? 0 : 255, offset, offset + 3);
    specks[offset + 3] = Math.floor(dice.roll() * strongest);
  }
  return sharp(specks, { raw: { width: edge, height: edge, channels: 4 } })
    .png()
    .toBuffer();
}
