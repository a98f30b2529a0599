import type { ImageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';

/** What the default model serves, of which the words of the AI SDK say nothing: its sizes, and their pixels at 1K. */
const pixelsAt1K = {
  '1:1': [1024, 1024],
  '2:3': [848, 1264],
  '3:2': [1264, 848],
  '3:4': [896, 1200],
  '4:3': [1200, 896],
  '4:5': [928, 1152],
  '5:4': [1152, 928],
  '9:16': [768, 1376],
  '16:9': [1376, 768],
  '21:9': [1584, 672],
} as const;
const factors = { '1K': 1, '2K': 2, '4K': 4 } as const;

type Ratio = keyof typeof pixelsAt1K;
type Size = keyof typeof factors;

// The keys of the tables above.
const ratios = Object.keys(pixelsAt1K) as readonly Ratio[];
const sizes = Object.keys(factors) as readonly Size[];

export interface AskedShape {
  readonly aspectRatio?: Ratio;
  readonly imageSize?: Size;
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
function nearestRatio(quotient: number): Ratio {
  const distance = (ratio: Ratio) => {
    const [width = 1, height = 1] = ratio.split(':').map(Number);
    return Math.abs(Math.log(width / height / quotient));
  };
  return ratios.reduce((nearest, ratio) => (distance(ratio) < distance(nearest) ? ratio : nearest));
}

/** The smallest resolution with about as many pixels, so the caller has little to enlarge. */
function smallestSize(ratio: Ratio, pixels: number): Size {
  const isEnough = (size: Size) => {
    const { width, height } = toPixels(size, ratio);
    return width * height >= pixels * 0.9;
  };
  return sizes.find(isEnough) ?? '4K';
}

function toPixels(size: Size, ratio: Ratio): { readonly width: number; readonly height: number } {
  const [width, height] = pixelsAt1K[ratio];
  return { width: width * factors[size], height: height * factors[size] };
}
