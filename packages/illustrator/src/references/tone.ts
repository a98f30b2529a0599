import sharp from 'sharp';
import { toChannels } from '../colour.ts';
import type { Scene } from '../scene.ts';
import type { RawPicture } from './look-at.ts';

/**
 * A reference as its scene shows it, as PNG: in the light of the time of day and, if it is the subject of the picture, in
 * the requested colour.
 */
export function toneReference(raw: RawPicture, { palette, wash }: Scene, isMain: boolean): Promise<Buffer> {
  const { width, height } = raw;
  const part = palette.ambientPart * (isMain ? 1 : 0.4);
  const light = toChannels(palette.ambient).map((channel) => 1 - part + (part * channel) / 255);
  const data = Buffer.from(raw.data);
  const dye = isMain && wash !== undefined ? toChannels(wash) : undefined;
  for (let at = 0; at < data.length; at += 3) {
    const luminance = (data[at] ?? 0) * 0.3 + (data[at + 1] ?? 0) * 0.59 + (data[at + 2] ?? 0) * 0.11;
    for (let channel = 0; channel < 3; channel++) {
      const own = data[at + channel] ?? 0;
      const dyed = dye === undefined ? own : own * 0.2 + dyeChannel(dye[channel] ?? 0, luminance) * 0.8;
      data[at + channel] = dyed * (light[channel] ?? 1);
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 2 })
    .toBuffer();
}

/** Maps dark to light from black through the colour to white. */
function dyeChannel(colour: number, luminance: number): number {
  return luminance < 128 ? (colour * luminance) / 128 : colour + ((255 - colour) * (luminance - 128)) / 127;
}
