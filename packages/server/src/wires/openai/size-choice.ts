import type { ModelLimits } from '../../models/model-spec.ts';

/** How a call of this wire says how large its pictures are to be. */
export interface SizeWish {
  /** `auto`, `WIDTHxHEIGHT`, `W:H`, or a step such as `2K`. */
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  /** The queue's own keys, which win. */
  readonly aspect_ratio?: string | undefined;
  readonly image_size?: string | undefined;
}

/** The same in the words of a payload. A key that is left out is the model's to choose. */
export interface SizeChoice {
  readonly aspect_ratio?: string;
  readonly image_size?: string;
  /** Sentences that say what differs from the wish. */
  readonly warnings: readonly string[];
}

const steps = ['1K', '2K', '4K'] as const;
type Step = (typeof steps)[number];

/** Up to this many pixels make the step. */
const pixelSteps: readonly (readonly [Step, number])[] = [
  ['1K', 1_600_000],
  ['2K', 6_000_000],
  ['4K', Number.POSITIVE_INFINITY],
];

/** The step of every `quality` of OpenAI's models, old and new, and of relays. */
export const qualitySteps = {
  low: '1K',
  medium: '1K',
  standard: '1K',
  auto: '1K',
  '1k': '1K',
  high: '2K',
  hd: '2K',
  '2k': '2K',
  xhigh: '4K',
  max: '4K',
  '4k': '4K',
} as const satisfies Record<string, Step>;

const stepQualities: Readonly<Record<string, string>> = { '1K': 'medium', '2K': 'high', '4K': 'max' };

/** What an answer calls the quality of pictures of this size. */
export function toQuality(imageSize: string | undefined): string {
  return stepQualities[imageSize ?? ''] ?? 'medium';
}

/** The ratio of a model that lets the model decide: that of the picture which is edited. */
const automaticRatio = 'auto';

/** A ratio that is this much wider or narrower than the wish is not worth a word. */
const tolerance = 0.03;

/** Is it a text that `toSizeChoice` understands? */
export function isSize(size: string): boolean {
  return size === 'auto' || toStep(size) !== undefined || parseRatio(size) !== undefined;
}

/**
 * The one table of this wire, from `size` and `quality` to the ratio and the size of a model: the nearest ratio that the model has,
 * and the larger of the steps that the pixels and the quality stand for. A size without a ratio leaves an edit the ratio of its picture.
 */
export function toSizeChoice(wish: SizeWish, limits: ModelLimits, isEdit: boolean): SizeChoice {
  const ratio = wish.aspect_ratio === undefined ? toRatio(wish.size, limits, isEdit) : { value: wish.aspect_ratio };
  const size = wish.image_size === undefined ? toImageSize(wish, limits) : { value: wish.image_size };
  return {
    ...(ratio.value !== undefined && { aspect_ratio: ratio.value }),
    ...(size.value !== undefined && { image_size: size.value }),
    warnings: [ratio.warning ?? [], size.warning ?? []].flat(),
  };
}

interface Chosen {
  readonly value?: string | undefined;
  readonly warning?: string;
}

function toRatio(size = 'auto', { aspectRatios }: ModelLimits, isEdit: boolean): Chosen {
  const asked = parseRatio(size);
  if (asked === undefined) return isEdit && aspectRatios.includes(automaticRatio) ? { value: automaticRatio } : {};
  const distances = aspectRatios.flatMap((value) => {
    const ratio = parseRatio(value);
    return ratio === undefined ? [] : [{ value, distance: Math.abs(Math.log(ratio / asked)) }];
  });
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  if (!nearest) return {};
  if (nearest.distance <= Math.log(1 + tolerance)) return { value: nearest.value };
  return { value: nearest.value, warning: `size ${size} was made with the ratio ${nearest.value}` };
}

function toImageSize({ size = 'auto', quality = 'auto' }: SizeWish, { imageSizes }: ModelLimits): Chosen {
  if (size === 'auto' && quality === 'auto') return {};
  const asked = larger(toStep(size) ?? toPixelStep(size), toQualityStep(quality));
  const known = steps.filter((step) => imageSizes.includes(step));
  const value = known.find((step) => steps.indexOf(step) >= steps.indexOf(asked)) ?? known.at(-1);
  if (value === undefined || value === asked) return { value };
  return { value, warning: `size ${size} with quality ${quality} means ${asked}, and was made as ${value}` };
}

function toStep(size: string): Step | undefined {
  return steps.find((step) => step === size.toUpperCase());
}

function toPixelStep(size: string): Step {
  const [width, height] = parsePair(size, 'x') ?? [0, 0];
  return pixelSteps.find(([, most]) => width * height <= most)?.[0] ?? '1K';
}

function toQualityStep(quality: string): Step {
  return qualitySteps[quality as keyof typeof qualitySteps] ?? '1K'; // a key of the table, or nothing is found there
}

function larger(one: Step, other: Step): Step {
  return steps.indexOf(one) > steps.indexOf(other) ? one : other;
}

function parseRatio(text: string): number | undefined {
  const pair = parsePair(text, 'x') ?? parsePair(text, ':');
  return pair && pair[0] / pair[1];
}

/** Two whole numbers that are not zero. */
function parsePair(text: string, between: 'x' | ':'): readonly [number, number] | undefined {
  const [first = '', second = '', ...more] = text.toLowerCase().split(between);
  if (more.length > 0 || ![first, second].every((part) => /^\s*[1-9]\d{0,4}\s*$/.test(part))) return undefined;
  return [Number(first), Number(second)];
}
