import { noiseUrl } from './noise.ts';
import { group, n, path, type Svg } from './paint.ts';

/** The drawing as if painted wet on paper: edges run, pigment gathers in clouds, and the paper shows at the margin. */
export function wash(content: Svg, { width, height }: { readonly width: number; readonly height: number }): Svg {
  const [left, top, right, bottom] = [width * 0.03, height * 0.03, width * 0.97, height * 0.97];
  // The frame is wider than the picture, since running edges uncover what lies beyond.
  const sheet = `M${n(-width)} ${n(-height)}H${n(width * 2)}V${n(height * 2)}H${n(-width)}Z`;
  const margin = path(`${sheet}M${n(left)} ${n(top)}V${n(bottom)}H${n(right)}V${n(top)}Z`, '#fbf8f1');
  return filter + group(content + margin, 'filter="url(#wash)"');
}

const filter =
  '<filter id="wash" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB">' +
  `<feImage xlink:href="${noiseUrl}" preserveAspectRatio="none" result="noise"/>` +
  '<feDisplacementMap in="SourceGraphic" in2="noise" scale="15" xChannelSelector="R" yChannelSelector="G" result="run"/>' +
  '<feGaussianBlur in="run" stdDeviation="3.500" result="soft"/>' +
  // Sharpening against the blur darkens the inside of every edge, as drying pigment does.
  '<feComposite in="run" in2="soft" operator="arithmetic" k2="1.5" k3="-0.5" result="edged"/>' +
  '<feColorMatrix in="noise" type="matrix" values="0 0 .2 0 .88 0 0 .2 0 .88 0 0 .2 0 .88 0 0 0 0 1" result="pigment"/>' +
  '<feComposite in="edged" in2="pigment" operator="arithmetic" k1="1" k2="0" k4="0.02"/></filter>';
