import { createInputProblem } from '../core/parse-input.ts';
import type { ModelLimits } from '../models/model-spec.ts';

/** What a call of OpenAI's dialects says about the pixels of its picture. */
export interface SizeWish {
  /** `auto`, `WxH`, `W:H` or `1K`. */
  readonly size?: string | null | undefined;
  readonly quality?: string | null | undefined;
  /** The model's own words, which some clients add. They win over `size` and `quality`. */
  readonly aspect_ratio?: string | null | undefined;
  readonly image_size?: string | null | undefined;
}

export interface SizeChoice {
  /** The keys of the payload. A key is left out where the model's default applies. */
  readonly payload: { readonly aspect_ratio?: string; readonly image_size?: string; readonly quality?: string };
  /** How the choice differs from the wish, as sentences for the header `x-darkroom-warnings`. */
  readonly warnings: readonly string[];
}

interface Edit {
  readonly isEdit: boolean;
  /** Beside a mask, a picture keeps its size. */
  readonly hasMask?: boolean;
}

type Limits = Pick<ModelLimits, 'imageSizes' | 'aspectRatios' | 'qualities'>;

/**
 * OpenAI's `size` and `quality` in the words of a model. `size` gives the closest ratio of the model and, by its pixels, the
 * smallest size. `quality` is the model's own where it has qualities; elsewhere it may ask for a larger size. Without a ratio, an edit keeps that of its picture. Throws the `Problem` of a
 * wish that means nothing.
 */
export function toSizeChoice(wish: SizeWish, limits: Limits, { isEdit, hasMask = false }: Edit): SizeChoice {
  const { ratio, imageSize } = readSize(wish.size ?? 'auto');
  const quality = limits.qualities && fitQuality(wish.quality, limits.qualities);
  const leastSize = limits.qualities ? imageSize : toLarger(imageSize, readQuality(wish.quality ?? 'auto'));
  const fitted = hasMask ? undefined : fitRatio(ratio, limits.aspectRatios);
  const chosenSize = wish.image_size ?? fitSize(leastSize, limits.imageSizes);
  const chosenRatio = wish.aspect_ratio ?? fitted ?? (isEdit ? keepRatio(limits) : undefined);
  return {
    payload: {
      ...(chosenRatio !== undefined && { aspect_ratio: chosenRatio }),
      ...(chosenSize !== undefined && { image_size: chosenSize }),
      ...(quality !== undefined && { quality }),
    },
    warnings: [
      ...(wish.aspect_ratio == null ? warnOfRatio(wish.size, ratio, fitted) : []),
      ...(hasMask && ratio !== undefined
        ? [`size ${wish.size} was ignored: with a mask, a picture keeps its size`]
        : []),
      ...(wish.image_size == null ? warnOfSize(leastSize, chosenSize) : []),
    ],
  };
}

/** The ratio of the edited picture, where the model can keep it. */
function keepRatio({ aspectRatios }: Limits): string | undefined {
  return aspectRatios.find((ratio) => ratio === 'auto');
}

interface ReadSize {
  /** Width to height: a ratio of these words, or any number. */
  readonly ratio: string | number | undefined;
  readonly imageSize: string | undefined;
}

function readSize(size: string): ReadSize {
  if (size === 'auto') return { ratio: undefined, imageSize: undefined };
  const named = sizeNames.find((name) => name.toLowerCase() === size.toLowerCase());
  if (named !== undefined) return { ratio: undefined, imageSize: named };
  const [, width = '', sign, height = ''] = /^([1-9]\d{0,4}) *([x:]) *([1-9]\d{0,4})$/i.exec(size) ?? [];
  if (sign === ':') return { ratio: `${width}:${height}`, imageSize: undefined };
  if (sign === undefined) throw createInputProblem([{ path: 'size', message: sizeRule }]);
  const [x, y] = [Number(width), Number(height)];
  return { ratio: x / y, imageSize: toImageSize(x * y) };
}

const sizeRule = 'must be auto, WIDTHxHEIGHT such as 1536x1024, a ratio such as 16:9, or one of 1K, 2K, 4K';

/** From the smallest. */
const sizeNames: readonly string[] = ['512', '1K', '2K', '4K'];

function toImageSize(pixels: number): string {
  if (pixels <= 400_000) return '512';
  if (pixels <= 1_600_000) return '1K';
  return pixels <= 6_000_000 ? '2K' : '4K';
}

function readQuality(quality: string): string | undefined {
  const imageSize = qualities.get(quality.toLowerCase());
  if (imageSize !== undefined || plainQualities.has(quality.toLowerCase())) return imageSize;
  const listed = [...plainQualities, ...qualities.keys()].join(', ');
  throw createInputProblem([{ path: 'quality', message: `must be one of ${listed}` }]);
}

const qualities: ReadonlyMap<string, string> = new Map([
  ['1k', '1K'],
  ['high', '2K'],
  ['hd', '2K'],
  ['2k', '2K'],
  ['xhigh', '4K'],
  ['max', '4K'],
  ['4k', '4K'],
]);

/** The words of OpenAI's older models. */
const olderQualities: ReadonlyMap<string, string> = new Map([
  ['standard', 'medium'],
  ['hd', 'high'],
]);

function fitQuality(wish: string | null | undefined, has: readonly string[]): string | undefined {
  if (wish == null) return undefined;
  const word = wish.toLowerCase();
  const quality = has.find((one) => one === word || one === olderQualities.get(word));
  if (quality !== undefined) return quality;
  throw createInputProblem([{ path: 'quality', message: `must be one of ${has.join(', ')}` }]);
}

/** They ask for nothing beyond what `size` says. */
const plainQualities: ReadonlySet<string> = new Set(['auto', 'low', 'medium', 'standard']);

function toLarger(one: string | undefined, other: string | undefined): string | undefined {
  return toRank(one) >= toRank(other) ? one : other;
}

function toRank(imageSize: string | undefined): number {
  return imageSize === undefined ? -1 : sizeNames.indexOf(imageSize);
}

/** The smallest size of the model that is large enough, or else its largest. */
function fitSize(least: string | undefined, has: readonly string[]): string | undefined {
  if (least === undefined) return undefined;
  const ordered = sizeNames.filter((name) => has.includes(name));
  return ordered.find((name) => toRank(name) >= toRank(least)) ?? ordered.at(-1);
}

/** The ratio of the model that is closest; ratios in words are the model's to check. */
function fitRatio(ratio: string | number | undefined, has: readonly string[]): string | undefined {
  if (typeof ratio !== 'number') return ratio;
  const numbers = has.filter((name) => /^\d+:\d+$/.test(name));
  return numbers.toSorted((a, b) => toDistance(ratio, a) - toDistance(ratio, b))[0];
}

function toDistance(ratio: number, name: string): number {
  const [width = 1, height = 1] = name.split(':').map(Number);
  return Math.abs(Math.log(ratio / (width / height)));
}

/** Ratios that differ by less than this look the same. */
const sameRatio = 0.03;

function warnOfRatio(size: SizeWish['size'], ratio: ReadSize['ratio'], fitted: string | undefined): readonly string[] {
  if (typeof ratio !== 'number' || fitted === undefined || toDistance(ratio, fitted) <= sameRatio) return [];
  return [`size ${size} was changed to the ratio ${fitted}, the closest that the model has`];
}

function warnOfSize(least: string | undefined, chosen: string | undefined): readonly string[] {
  if (least === undefined || toRank(chosen) >= toRank(least)) return [];
  return [`the size ${least} was changed to ${chosen ?? 'the only one'}, the largest that the model has`];
}
