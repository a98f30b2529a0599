import { automaticRatio, type Pixels } from '@darkroom/protocol';
import type { Prices } from '../../models/prices.ts';
import type { Shapes } from './picture-sizes.ts';

export type TokenTable = NonNullable<Prices['imageTokensByQuality']>;

/**
 * How finely a quality divides the longer side. Source: OpenAI's price calculator for GPT Image 2, as its community has read it
 * (community.openai.com, "Gpt-image-2 output pricing calculator", June 2026); it gives the prices of OpenAI's guide.
 */
const divisions = { low: 16, medium: 48, high: 96 } as const;

/** Of the qualities that came with GPT Image 2.5 nothing is published: these two continue the row, and are a guess. */
const fineDivisions = { ...divisions, xhigh: 144, max: 192 } as const;

/** The tokens of the models that take any pixels. */
export function toFreeTokens(shapes: Shapes, isFine: boolean): TokenTable {
  const table = Object.entries(isFine ? fineDivisions : divisions).map(
    ([quality, count]) => [quality, toSizes(shapes, (pixels) => countTokens(count, pixels))] as const,
  );
  return withAutomatic(Object.fromEntries(table));
}

/** The tokens of the standard models, by the shape: square, lying, upright. */
export function toStandardTokens(
  shapes: Shapes,
  tokens: Readonly<Record<string, readonly [square: number, lying: number, upright: number]>>,
): TokenTable {
  const table = Object.entries(tokens).map(([quality, [square, lying, upright]]) => {
    const count = ({ width, height }: Pixels) => (width === height ? square : width > height ? lying : upright);
    return [quality, toSizes(shapes, count)] as const;
  });
  return withAutomatic(Object.fromEntries(table));
}

function countTokens(count: number, { width, height }: Pixels): number {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  return Math.ceil((count * Math.round((count * short) / long) * (2_000_000 + width * height)) / 4_000_000);
}

/** With the ratio that the model chooses, a picture is one of the smallest size; the dearest of them counts. */
function toSizes(shapes: Shapes, count: (pixels: Pixels) => number): TokenTable[string] {
  const ofSize = (ratios: Shapes[string]) => Object.entries(ratios).map(([ratio, at]) => [ratio, count(at)] as const);
  const automatic = Math.max(...ofSize(shapes['1K'] ?? {}).map(([, tokens]) => tokens));
  return Object.fromEntries(
    Object.entries(shapes).map(([size, ratios]) => [
      size,
      { ...Object.fromEntries(ofSize(ratios)), [automaticRatio]: automatic },
    ]),
  );
}

/** The model chooses the quality at most as high as `high`. */
function withAutomatic(table: TokenTable): TokenTable {
  return { ...table, auto: table['high'] ?? {} };
}
