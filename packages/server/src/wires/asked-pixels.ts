import { automaticRatio, type Pixels } from '@darkroom/protocol';
import { createInputProblem } from '../core/parse-input.ts';
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

/** The shape of the model that is closest to these pixels. Throws the `Problem` of pixels whose ratio the model does not make. */
export function toAskedShape(pixels: Pixels, limits: Limits, path: string): AskedShape {
  const { width, height } = pixels;
  const ratios = limits.aspectRatios.filter((ratio) => /^\d+:\d+$/.test(ratio));
  const distance = (ratio: string) => Math.abs(Math.log(width / height / toNumber(ratio)));
  const [closest] = ratios.toSorted((one, other) => distance(one) - distance(other));
  if (closest !== undefined && distance(closest) <= sameRatio)
    return { aspect_ratio: closest, image_size: toSize(pixels, limits) };
  const message = `of ${width}x${height} is not close to a ratio that this model makes: ${ratios.join(', ')}`;
  throw createInputProblem([{ path, message }]);
}

function toSize({ width, height }: Pixels, { imageSizes }: Limits): string {
  const [size = '1K'] = sizes.find(([, pixels]) => width * height <= pixels) ?? [];
  return imageSizes.includes(size) ? size : (imageSizes.at(-1) ?? size);
}

function toNumber(ratio: string): number {
  const [width = 1, height = 1] = ratio.split(':').map(Number);
  return width / height;
}

/** The ratio with which an edit keeps that of its picture, if the model can; without pictures, the model's default applies. */
export function toKeptRatio(pictures: readonly string[], { aspectRatios }: Pick<Limits, 'aspectRatios'>) {
  return pictures.length > 0 && aspectRatios.includes(automaticRatio) ? automaticRatio : undefined;
}
