import type { Pixels } from '@darkroom/protocol';
import { refuseModel, refuseParameter } from './refusals.ts';

/** A model of OpenAI that the sandbox serves, with what its namesake serves. */
export interface OpenaiModel {
  readonly id: string;
  readonly qualities: readonly string[];
  /** The sizes that it takes; missing: any that OpenAI's rules allow. */
  readonly sizes?: readonly string[];
  /** What one picture in the prompt counts, in tokens. */
  readonly referenceTokens: number;
  /** What one picture made counts, in tokens. */
  countTokens(quality: string, pixels: Pixels): number;
}

const standardSizes = ['1024x1024', '1536x1024', '1024x1536'];

/** How finely a quality divides the longer side. OpenAI does not say how `xhigh` and `max` do: these are a guess. */
const divisions: Readonly<Record<string, number>> = { low: 16, medium: 48, high: 96, xhigh: 144, max: 192 };

function countFreely(quality: string, { width, height }: Pixels): number {
  const count = divisions[quality] ?? 0;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  return Math.ceil((count * Math.round((count * short) / long) * (2_000_000 + width * height)) / 4_000_000);
}

type Table = Readonly<Record<string, readonly [square: number, lying: number, upright: number]>>;

const countBy =
  (table: Table): OpenaiModel['countTokens'] =>
  (quality, { width, height }) =>
    table[quality]?.[width === height ? 0 : width > height ? 1 : 2] ?? 0;

const qualities = ['low', 'medium', 'high'];
const free = { qualities, referenceTokens: 1024, countTokens: countFreely };
const fine = { ...free, qualities: [...qualities, 'xhigh', 'max'] };
const standard = { qualities, sizes: standardSizes, referenceTokens: 194 };

/** In the order in which the sandbox lists them. */
const openaiSandboxModels: readonly OpenaiModel[] = [
  { ...fine, id: 'gpt-image-2.6-sunburst' },
  { ...fine, id: 'gpt-image-2.6-flare' },
  { ...fine, id: 'gpt-image-2.5-sunburst' },
  { ...fine, id: 'gpt-image-2.5-flare' },
  { ...free, id: 'gpt-image-2' },
  {
    ...standard,
    id: 'gpt-image-1.5',
    countTokens: countBy({ low: [272, 400, 408], medium: [1056, 1568, 1584], high: [4160, 6208, 6240] }),
  },
  {
    ...standard,
    id: 'gpt-image-1-mini',
    countTokens: countBy({ low: [625, 750, 750], medium: [1375, 1875, 1875], high: [4500, 6500, 6500] }),
  },
];

export function findOpenaiModel(id: string): OpenaiModel {
  const model = openaiSandboxModels.find((one) => one.id === id);
  if (!model) throw refuseModel(id);
  return model;
}

/** The body of the list of models. */
export function listOpenaiModels(): object {
  return { object: 'list', data: openaiSandboxModels.map(describeOpenaiModel) };
}

export function describeOpenaiModel({ id }: OpenaiModel): object {
  return { id, object: 'model', created: 1_770_000_000, owned_by: 'darkroom-sandbox' };
}

/** The pixels that `size` asks for; throws the refusal of a size that the model does not take. */
export function readSize(size: string, { id, sizes }: OpenaiModel): Pixels {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(size) ?? [];
  const pixels = { width: Number(width), height: Number(height) };
  const isTaken = sizes ? sizes.includes(size) : width !== undefined && isFree(pixels);
  if (!isTaken) throw refuseParameter('size', `Invalid size '${size.slice(0, 40)}' for model '${id}'.`);
  return pixels;
}

function isFree({ width, height }: Pixels): boolean {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const area = width * height;
  return (
    width % 16 === 0 && height % 16 === 0 && long <= 3840 && long <= 3 * short && area >= 655_360 && area <= 8_294_400
  );
}

/** Of the standard sizes, the one whose ratio is nearest. */
export function toNearestSize({ width, height }: Pixels): Pixels {
  const ratio = Math.log(width / height);
  if (Math.abs(ratio) < Math.log(1.5) / 2) return { width: 1024, height: 1024 };
  return ratio > 0 ? { width: 1536, height: 1024 } : { width: 1024, height: 1536 };
}
