import type { Pixels } from '@darkroom/protocol';
import type { ModelLimits } from '../models/model-spec.ts';

type Limits = Pick<ModelLimits, 'aspectRatios' | 'imageSizes'>;

/** A picture's shape in the words of a model. */
export interface AskedShape {
  readonly aspect_ratio: string;
  readonly image_size: string;
}

/** Ratios that differ by less than this look the same. */
const sameRatio = 0.03;

/** Up to these pixels, a picture has the size. */
const sizes: readonly (readonly [size: string, pixels: number])[] = [
  ['1K', 2_000_000],
  ['2K', 8_000_000],
  ['4K', Infinity],
];

/** The shape of the model that is closest to these pixels; `undefined` when the model has no ratio that looks the same. */
export function toAskedShape({ width, height }: Pixels, { aspectRatios, imageSizes }: Limits): AskedShape | undefined {
  const ratios = aspectRatios.filter((ratio) => /^\d+:\d+$/.test(ratio));
  const distance = (ratio: string) => Math.abs(Math.log(width / height / toNumber(ratio)));
  const [closest] = ratios.toSorted((one, other) => distance(one) - distance(other));
  if (closest === undefined || !(distance(closest) <= sameRatio)) return undefined;
  const [size = '1K'] = sizes.find(([, pixels]) => width * height <= pixels) ?? [];
  return { aspect_ratio: closest, image_size: imageSizes.includes(size) ? size : (imageSizes.at(-1) ?? size) };
}

function toNumber(ratio: string): number {
  const [width = 1, height = 1] = ratio.split(':').map(Number);
  return width / height;
}
