import type { Pixels } from './picture-order.ts';

/** The shapes in which tests draw, about a megapixel each. */
export const shapes = {
  square: { width: 1024, height: 1024 },
  portrait: { width: 928, height: 1152 },
  tall: { width: 768, height: 1376 },
  wide: { width: 1376, height: 768 },
  panorama: { width: 1584, height: 672 },
} as const satisfies Record<string, Pixels>;

/** `factor` times as wide and as high. */
export function enlarge({ width, height }: Pixels, factor: number): Pixels {
  return { width: width * factor, height: height * factor };
}
