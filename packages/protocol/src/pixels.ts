export const imageSizes = ['1K', '2K', '4K'] as const;
export type ImageSize = (typeof imageSizes)[number];

export const aspectRatios = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'] as const;
export type AspectRatio = (typeof aspectRatios)[number];

export const imageOutputFormats = ['png', 'jpeg'] as const;
export type ImageOutputFormat = (typeof imageOutputFormats)[number];

/** Width and height in pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
}

/** The pixels of a size and a ratio. Source: Google's table for image generation, measured for the Pro model. */
export function toPixels(size: ImageSize, ratio: AspectRatio): Pixels {
  const [width, height] = pixelsAt1K[ratio];
  const factor = factors[size];
  return { width: width * factor, height: height * factor };
}

const factors: Record<ImageSize, number> = { '1K': 1, '2K': 2, '4K': 4 };

const pixelsAt1K: Record<AspectRatio, readonly [width: number, height: number]> = {
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
};
