import sharp from 'sharp';
import type { PictureFile, Pixels } from '../picture-order.ts';

/** The size of a picture as it is seen, upright; `undefined` when it cannot be read. */
export async function measure({ path }: PictureFile): Promise<Pixels | undefined> {
  try {
    const { width, height, orientation = 1 } = await sharp(path, { limitInputPixels: false }).metadata();
    return orientation > 4 ? { width: height, height: width } : { width, height };
  } catch {
    // The file is broken, or sharp has no decoder for its format, such as HEIC.
    return undefined;
  }
}
