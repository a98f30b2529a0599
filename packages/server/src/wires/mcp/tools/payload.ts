import type { z } from 'zod';
import type { pictureOptions } from './argument-schemas.ts';

type Options = Pick<
  z.output<z.ZodObject<typeof pictureOptions>>,
  'aspect_ratio' | 'image_size' | 'image_output_format' | 'number_of_images'
>;

/** The payload of the queue, with the keys that were given. */
export function toPayload(
  { prompt, aspect_ratio, image_size, image_output_format, number_of_images }: Options & { readonly prompt: string },
  image: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    prompt,
    ...(image.length > 0 && { image }),
    ...(aspect_ratio !== undefined && { aspect_ratio }),
    ...(image_size !== undefined && { image_size }),
    ...(image_output_format !== undefined && { image_output_format }),
    ...(number_of_images !== undefined && { number_of_images }),
  };
}
