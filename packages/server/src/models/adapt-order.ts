import { optionalParameters, type Pixels } from '@darkroom/protocol';
import type { Order, OrderParameters } from '../core/order.ts';
import type { ModelSpec } from './model-spec.ts';
import { readOptionalParameters } from './optional-parameters.ts';
import { type PictureShape, readShape } from './picture-shape.ts';

/**
 * The order as another model takes it. The picture gets the shape that comes nearest, first the ratio, then the size; a quality that
 * the other model does not have becomes its usual one. All else must be made as it was ordered: `undefined` when the other model
 * does not take a parameter, as many references, or as long a text.
 */
export function adaptOrder(
  order: Order,
  { from, to }: { readonly from: ModelSpec; readonly to: ModelSpec },
): Order | undefined {
  const { quality, ...parameters } = order.parameters;
  if (!takes(to, { ...order, parameters })) return undefined;
  const shape = toNearestShape(readShape(order.parameters), { from, to });
  return { ...order, parameters: { ...parameters, ...shape, ...toQuality(quality, to) } };
}

function takes({ limits }: ModelSpec, { conversation, parameters }: Order): boolean {
  const said = readOptionalParameters(parameters);
  const level = said.thinking_level;
  // Some models are shown the last picture of the conversation as a reference.
  const pictures = conversation.slice(-2).flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'picture'));
  const texts = conversation.at(-1)?.parts.flatMap((part) => (part.kind === 'text' ? [...part.text] : [])) ?? [];
  return (
    optionalParameters.every((name) => said[name] === undefined || limits.optionalParameters.includes(name)) &&
    (level === undefined || limits.thinkingLevels?.includes(level) === true) &&
    pictures.length <= limits.maxReferences &&
    texts.length <= limits.maxPromptCharacters
  );
}

function toQuality(wish: unknown, { limits: { qualities = [] } }: ModelSpec): OrderParameters {
  const quality = qualities.find((one) => one === wish) ?? qualities[0];
  return quality === undefined ? {} : { quality };
}

interface Models {
  readonly from: Pick<ModelSpec, 'shapes'>;
  readonly to: Pick<ModelSpec, 'shapes' | 'limits'>;
}

function toNearestShape(shape: PictureShape, { from, to }: Models): PictureShape {
  const { imageSizes, aspectRatios } = to.limits;
  const pixels = from.shapes[shape.imageSize]?.[shape.aspectRatio];
  const ratio = toRatio(shape.aspectRatio, pixels);
  const aspectRatio = toNearest(shape.aspectRatio, aspectRatios, (one) => distance(toRatio(one), ratio));
  // Of a ratio without pixels, such as `auto`, every size can be made.
  const sizes = imageSizes.filter((size) => to.shapes[size]?.[aspectRatio]);
  const imageSize = toNearest(shape.imageSize, sizes.length > 0 ? sizes : imageSizes, (size) =>
    distance(toArea(to.shapes[size]?.[aspectRatio]), toArea(pixels)),
  );
  return { aspectRatio, imageSize };
}

/** The wish where it is among the choices; else the nearest, and the first of those that are equally near. */
function toNearest(wish: string, choices: readonly string[], distanceOf: (choice: string) => number): string {
  if (choices.includes(wish)) return wish;
  const [first = wish] = choices.toSorted((a, b) => distanceOf(a) - distanceOf(b));
  return first;
}

/** What is unknown is farther away than anything else. */
const unknown = Number.MAX_VALUE;

/** How far two numbers are from being equal. */
function distance(a: number | undefined, b: number | undefined): number {
  return a === undefined || b === undefined ? unknown : Math.abs(Math.log(a / b));
}

function toRatio(ratio: string, pixels?: Pixels): number | undefined {
  const [width, height] = ratio.split(':').map(Number);
  if (width && height) return width / height;
  return pixels && pixels.width / pixels.height;
}

function toArea(pixels: Pixels | undefined): number | undefined {
  return pixels && pixels.width * pixels.height;
}
