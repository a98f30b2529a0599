import sharp from 'sharp';
import { createDice } from '../dice.ts';
import type { Pixels } from '../picture-order.ts';

let grain: Promise<Buffer> | undefined;

/** A tile of faint light and dark specks that hides the bands in gradients. It is no larger than the picture. */
export async function createGrain({ width, height }: Pixels): Promise<Buffer> {
  grain ??= drawGrain();
  if (width >= edge && height >= edge) return grain;
  return sharp(await grain)
    .extract({ left: 0, top: 0, width: Math.min(width, edge), height: Math.min(height, edge) })
    .png()
    .toBuffer();
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
