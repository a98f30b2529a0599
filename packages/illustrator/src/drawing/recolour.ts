import { type Colour, fromHsl, toHsl } from '../colour.ts';
import type { Svg } from './paint.ts';

/** The drawing with every colour in it changed. */
export function recolour(svg: Svg, change: (colour: Colour) => Colour): Svg {
  // The pattern admits only what the type says.
  return svg.replace(/#[0-9a-f]{6}\b|#[0-9a-f]{3}\b/gi, (colour) => change(colour.toLowerCase() as Colour));
}

/** Makes the ids of a drawing unique on the page. */
export function renameIds(svg: Svg, prefix: string): Svg {
  return svg
    .replace(/\bid="/g, `id="${prefix}`)
    .replace(/url\(#/g, `url(#${prefix}`)
    .replace(/href="#/g, `href="#${prefix}`);
}

/**
 * Dyes a drawing in a colour and keeps its light and shade. Near-blacks stay, to keep eyes and outlines. In a colourful
 * drawing pale greys stay as well, to keep wheels and teeth. With `parts`, only these colours are dyed.
 */
export function dye(svg: Svg, tint: Colour, parts?: ReadonlySet<Colour>): Svg {
  const colours = Array.from(svg.matchAll(/#[0-9a-f]{6}\b|#[0-9a-f]{3}\b/gi), ([colour]) =>
    toHsl(colour.toLowerCase() as Colour),
  );
  const strongest = Math.max(0, ...colours.map(({ saturation, lightness }) => toVividness(saturation, lightness)));
  const isColourful = strongest > 0.3;
  const body = parts === undefined ? toBodyLightness(colours, isColourful) : 0.95;
  const target = toHsl(tint);
  return recolour(svg, (colour) => {
    const { saturation, lightness } = toHsl(colour);
    const isDull = lightness < 0.16 || (isColourful && toVividness(saturation, lightness) < 0.16);
    const isKept = parts === undefined ? isDull : !parts.has(colour);
    if (isKept) return colour;
    const shade = target.lightness + (lightness - body) * 0.75;
    return fromHsl({ hue: target.hue, saturation: target.saturation, lightness: Math.max(0.1, Math.min(0.96, shade)) });
  });
}

/** Perceived saturation: low for colours that are almost white or black. */
function toVividness(saturation: number, lightness: number): number {
  return saturation * (1 - Math.abs(2 * lightness - 1));
}

function toBodyLightness(colours: readonly { saturation: number; lightness: number }[], isColourful: boolean): number {
  const dyed = colours.filter(
    ({ saturation, lightness }) => lightness >= 0.16 && (!isColourful || toVividness(saturation, lightness) >= 0.16),
  );
  const sorted = dyed.map(({ lightness }) => lightness).toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0.5;
}
