import { automaticRatio, type Pixels } from '@darkroom/protocol';

export const imageSizes = ['1K', '2K', '4K'] as const;

/** Source: Google's table for image generation, measured for the Pro model. */
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

/** The first is the default. With `auto` the model decides. */
export const aspectRatios = [...Object.keys(pixelsAt1K), automaticRatio];

/** The pixels of a picture, by its size and its ratio. None are promised where the model decides. */
export const shapes: Readonly<Record<string, Readonly<Record<string, Pixels>>>> = {
  '1K': toScaled(1),
  '2K': toScaled(2),
  '4K': toScaled(4),
};

function toScaled(factor: number): Readonly<Record<string, Pixels>> {
  const entries = Object.entries(pixelsAt1K);
  return Object.fromEntries(
    entries.map(([ratio, [width, height]]) => [ratio, { width: width * factor, height: height * factor }]),
  );
}
