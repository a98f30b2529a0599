import { toRatioNumbers } from './ratio-numbers.ts';

const box = 28;
const longestSide = 24;

/** The outline of a picture of this ratio. */
export function RatioShape({ ratio }: { readonly ratio: string }) {
  const [across, down] = toRatioNumbers(ratio);
  const scale = longestSide / Math.max(across, down);
  const [width, height] = [across * scale, down * scale];
  return (
    <svg className="ratio-shape" viewBox={`0 0 ${box} ${box}`} aria-hidden="true">
      <rect x={(box - width) / 2} y={(box - height) / 2} width={width} height={height} rx="1.5" />
    </svg>
  );
}
