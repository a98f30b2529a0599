import { automaticRatio, type Pixels } from '@darkroom/protocol';

type Shapes = Readonly<Record<string, Readonly<Record<string, Pixels>>>>;

/** Source: Google's table for image generation, measured for the Pro model. */
const usualPixels = {
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

/** Of the Nano Banana 2 models. As callers of the live service measured them: Google's table says 512x2048 and 384x3072. */
const longPixels = {
  '1:4': [512, 2064],
  '4:1': [2064, 512],
  '1:8': [352, 2928],
  '8:1': [2928, 352],
} as const;

const pixelsAt1K: Readonly<Record<string, readonly [number, number]>> = { ...usualPixels, ...longPixels };

/** The first is the default. With `auto` the model decides. */
export const usualRatios = [...Object.keys(usualPixels), automaticRatio];
export const allRatios = [...Object.keys(pixelsAt1K), automaticRatio];

/** How many times as wide and high as at 1K. */
const factors: Readonly<Record<string, number>> = { '512': 0.5, '1K': 1, '2K': 2, '4K': 4 };

/** The pixels of pictures of these sizes and ratios. None are promised where the model decides. */
export function toShapes(sizes: readonly string[], ratios: readonly string[]): Shapes {
  return Object.fromEntries(sizes.map((size) => [size, toScaled(ratios, factors[size] ?? 1)]));
}

function toScaled(ratios: readonly string[], factor: number): Readonly<Record<string, Pixels>> {
  return Object.fromEntries(
    ratios.flatMap((ratio) => {
      const [width, height] = pixelsAt1K[ratio] ?? [];
      return width && height ? [[ratio, { width: width * factor, height: height * factor }]] : [];
    }),
  );
}
