import type { Payload, Pixels } from '@darkroom/protocol';
import type { OrderParameters } from '../core/order.ts';

/** The parameters of an order whose payload has the form of `createModelSpec`. */
export interface PictureShape {
  readonly aspectRatio: string;
  readonly imageSize: string;
}

export function toShape({ aspect_ratio: aspectRatio, image_size: imageSize }: Payload): PictureShape & OrderParameters {
  return { aspectRatio, imageSize };
}

export function readShape(parameters: OrderParameters): PictureShape {
  // A spec has written them, as `toShape` does.
  return { aspectRatio: parameters['aspectRatio'], imageSize: parameters['imageSize'] } as PictureShape;
}

type Shapes = Readonly<Record<string, Readonly<Record<string, Pixels>>>>;

/** The same size, with the ratio that is nearest to these pixels; unchanged where the model promises no pixels. */
export function toFittingShape(shapes: Shapes, shape: PictureShape, pixels: Pixels): PictureShape {
  const choices = Object.entries(shapes[shape.imageSize] ?? {});
  const distance = ({ width, height }: Pixels) => Math.abs(Math.log((width * pixels.height) / (height * pixels.width)));
  const [nearest] = choices.toSorted(([, a], [, b]) => distance(a) - distance(b));
  return nearest ? { ...shape, aspectRatio: nearest[0] } : shape;
}
