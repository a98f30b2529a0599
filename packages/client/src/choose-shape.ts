import type { ImageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import { type AspectRatio, aspectRatios, type ImageSize, imageSizes, toPixels } from '@darkroom/protocol';

export interface AskedShape {
  readonly aspectRatio?: AspectRatio;
  readonly imageSize?: ImageSize;
}

export interface ChosenShape extends AskedShape {
  readonly warnings: readonly SharedV4Warning[];
}

/**
 * The ratio and the resolution that are nearest to those requested through the AI SDK, with a warning when they differ.
 * `aspectRatio` gives the shape and `size` the number of pixels. Without `aspectRatio`, `size` also gives the shape.
 */
export function chooseShape({ size, aspectRatio }: Pick<ImageModelV4CallOptions, 'size' | 'aspectRatio'>): ChosenShape {
  const [width, height] = toNumbers(size, 'x');
  const [across, down] = aspectRatio === undefined ? [width, height] : toNumbers(aspectRatio, ':');
  if (across === undefined || down === undefined) return { warnings: [] };
  const ratio = nearestRatio(across / down);
  const warnings: SharedV4Warning[] = [];
  if (aspectRatio !== undefined && aspectRatio !== ratio)
    warnings.push({ type: 'unsupported', feature: 'aspectRatio', details: `${aspectRatio} was made ${ratio}.` });
  if (width === undefined || height === undefined) return { aspectRatio: ratio, warnings };
  const imageSize = smallestSize(ratio, width * height);
  const made = toPixels(imageSize, ratio);
  if (made.width !== width || made.height !== height)
    warnings.push({ type: 'unsupported', feature: 'size', details: `${size} was made ${made.width}x${made.height}.` });
  return { aspectRatio: ratio, imageSize, warnings };
}

function toNumbers(text: string | undefined, separator: string): readonly (number | undefined)[] {
  return text === undefined ? [] : text.split(separator).map(Number);
}

/** Compares by proportion: twice as wide is as far away as half as wide. */
function nearestRatio(quotient: number): AspectRatio {
  const distance = (ratio: AspectRatio) => {
    const [width = 1, height = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(width / height / quotient));
  };
  return aspectRatios.reduce((nearest, ratio) => (distance(ratio) < distance(nearest) ? ratio : nearest));
}

/** The smallest resolution with about as many pixels, so the caller has little to enlarge. */
function smallestSize(ratio: AspectRatio, pixels: number): ImageSize {
  const isEnough = (size: ImageSize) => {
    const { width, height } = toPixels(size, ratio);
    return width * height >= pixels * 0.9;
  };
  return imageSizes.find(isEnough) ?? '4K';
}
