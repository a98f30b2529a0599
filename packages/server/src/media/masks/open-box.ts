import type { Box } from '../../providers/image-model.ts';
import { decodePicture, type HeadedPicture } from '../codec/picture-codec.ts';

/** Where a mask is not opaque, found in a small copy: it is for words, and not for pixels. */
export async function findOpenBox(mask: HeadedPicture): Promise<Box> {
  const { data, info } = await decodePicture(mask, 'whole', (opened) =>
    opened
      .autoOrient()
      .resize({ width: cells, height: cells, fit: 'inside', withoutEnlargement: true, kernel: 'linear' })
      .extractChannel('alpha')
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  const open = [...data.keys()].filter((cell) => (data[cell] ?? 255) < 255);
  const columns = open.map((cell) => cell % info.width);
  const rows = open.map((cell) => Math.floor(cell / info.width));
  return {
    top: toThousandths(least(rows, 0), info.height),
    left: toThousandths(least(columns, 0), info.width),
    bottom: toThousandths(most(rows, info.height - 1) + 1, info.height),
    right: toThousandths(most(columns, info.width - 1) + 1, info.width),
  };
}

/** Of each side, so that the lists below are short. */
const cells = 128;

/** A mask whose opening is lost in the small copy may be open anywhere. */
const least = (values: readonly number[], otherwise: number) => (values.length > 0 ? Math.min(...values) : otherwise);
const most = (values: readonly number[], otherwise: number) => (values.length > 0 ? Math.max(...values) : otherwise);

function toThousandths(cell: number, side: number): number {
  return Math.round((1_000 * cell) / side);
}
