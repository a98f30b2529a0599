import { optionalParameters, type Pixels } from '@darkroom/protocol';
import type { Order } from '../core/order.ts';
import type { ModelSpec } from './model-spec.ts';
import { readOptionalParameters } from './optional-parameters.ts';
import { type PictureShape, readShape } from './picture-shape.ts';

/**
 * The order as another model takes it. The picture gets the shape that comes nearest: first the ratio, then the size. All else must
 * be made as it was asked for: `undefined` when the other model does not take a parameter, as many references, or as long a text.
 */
export function adaptOrder(
  order: Order,
  { from, to }: { readonly from: ModelSpec; readonly to: ModelSpec },
): Order | undefined {
  if (!takes(to, order)) return undefined;
  const shape = toNearestShape(readShape(order.parameters), { from, to });
  return { ...order, parameters: { ...order.parameters, ...shape } };
}

function takes({ limits }: ModelSpec, { conversation, parameters }: Order): boolean {
  const said = readOptionalParameters(parameters);
  const level = said.thinking_level;
  const parts = conversation.at(-1)?.parts ?? [];
  const references = parts.filter(({ kind }) => kind === 'picture').length;
  const characters = parts.reduce((sum, part) => sum + (part.kind === 'text' ? [...part.text].length : 0), 0);
  return (
    optionalParameters.every((name) => said[name] === undefined || limits.optionalParameters.includes(name)) &&
    (level === undefined || limits.thinkingLevels?.includes(level) === true) &&
    references <= limits.maxReferences &&
    characters <= limits.maxPromptCharacters
  );
}

interface Models {
  readonly from: Pick<ModelSpec, 'shapes'>;
  readonly to: Pick<ModelSpec, 'shapes' | 'limits'>;
}

function toNearestShape(shape: PictureShape, { from, to }: Models): PictureShape {
  const { imageSizes, aspectRatios } = to.limits;
  const pixels = from.shapes[shape.imageSize]?.[shape.aspectRatio];
  const sizesOf = (ratio: string) => imageSizes.filter((size) => to.shapes[size]?.[ratio] || !hasShapes(to));
  const ratios = aspectRatios.filter((ratio) => sizesOf(ratio).length > 0);
  const aspectRatio = toNearest(shape.aspectRatio, ratios, (ratio) =>
    distance(toRatio(ratio), toRatio(shape.aspectRatio, pixels)),
  );
  const imageSize = toNearest(shape.imageSize, sizesOf(aspectRatio), (size) =>
    distance(toArea(to.shapes[size]?.[aspectRatio]), toArea(pixels)),
  );
  return { aspectRatio, imageSize };
}

function hasShapes({ shapes }: Pick<ModelSpec, 'shapes'>): boolean {
  return Object.keys(shapes).length > 0;
}

/** The wish where it is among the choices; else the nearest, and the first of those that are equally near. */
function toNearest(wish: string, choices: readonly string[], distanceOf: (choice: string) => number): string {
  if (choices.includes(wish)) return wish;
  const [first = wish] = choices.toSorted((a, b) => distanceOf(a) - distanceOf(b));
  return first;
}

/** How far two numbers are from being equal; 0 when one is unknown. */
function distance(a: number | undefined, b: number | undefined): number {
  return a === undefined || b === undefined ? 0 : Math.abs(Math.log(a / b));
}

function toRatio(ratio: string, pixels?: Pixels): number | undefined {
  const [width, height] = ratio.split(':').map(Number);
  if (width && height) return width / height;
  return pixels && pixels.width / pixels.height;
}

function toArea(pixels: Pixels | undefined): number | undefined {
  return pixels && pixels.width * pixels.height;
}
