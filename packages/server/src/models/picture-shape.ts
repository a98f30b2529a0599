import type { Payload } from '@darkroom/protocol';
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
