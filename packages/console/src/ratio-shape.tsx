import { type AspectRatio, toPixels } from '@darkroom/protocol';

const box = 28;
const longestSide = 24;

/** The outline of a picture of this ratio. */
export function RatioShape({ ratio }: { readonly ratio: AspectRatio }) {
  const pixels = toPixels('1K', ratio);
  const scale = longestSide / Math.max(pixels.width, pixels.height);
  const width = pixels.width * scale;
  const height = pixels.height * scale;
  return (
    <svg className="ratio-shape" viewBox={`0 0 ${box} ${box}`} aria-hidden="true">
      <rect x={(box - width) / 2} y={(box - height) / 2} width={width} height={height} rx="1.5" />
    </svg>
  );
}
