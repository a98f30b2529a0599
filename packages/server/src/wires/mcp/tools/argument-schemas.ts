import { z } from 'zod';

/** Some hosts end every call after 60 seconds, whatever their settings say, so an answer comes before. */
export const maxWaitSeconds = 50;

export const waitSeconds = z
  .int({ error: `must be a whole number of seconds from 0 to ${maxWaitSeconds}` })
  .min(0, { error: `must be 0 to ${maxWaitSeconds}` })
  .max(maxWaitSeconds, { error: `must be 0 to ${maxWaitSeconds}` })
  .meta({ description: `How long to wait for the picture, 0 to ${maxWaitSeconds} seconds.` });

export const requestId = z
  .string({ error: 'must be the request_id of a request' })
  .max(100, { error: 'must be the request_id of a request' });

const index = z
  .int({ error: 'must be the number of a picture of that request, from 0' })
  .min(0, { error: 'must be the number of a picture of that request, from 0' })
  .max(99, { error: 'must be the number of a picture of that request, from 0' });

/** The ways to name a picture; exactly one of `url`, `request_id` and `upload_id` is given. */
export const pictureShape = {
  url: z
    .string({ error: 'must be an http(s) URL' })
    .regex(/^(https?:\/\/|gs:\/\/|data:)/i, { error: 'must be an http(s) URL' })
    .optional()
    .meta({ description: 'The http(s) URL of the picture.' }),
  request_id: requestId.optional().meta({ description: 'The request_id of an earlier request that made the picture.' }),
  index: index.optional().meta({
    description: 'With request_id: which of its pictures, from 0. If left out, the first.',
  }),
  upload_id: z
    .string({ error: 'must be the id of an upload' })
    .regex(/^[\w-]+\.\w+$/, { error: 'must be the id of an upload: the last part of its URL' })
    .optional()
    .meta({ description: 'The id of an uploaded picture: the last part of its URL.' }),
};

const references = z
  .array(z.object(pictureShape, { error: 'must be an object with url, request_id or upload_id' }), {
    error: 'must be a list of objects, each with url, request_id or upload_id',
  })
  // Each may have to be looked up. The model says how many of these it takes.
  .max(50, { error: 'has more than 50 pictures' })
  .optional()
  .meta({ description: 'Pictures to work from, such as people, products or styles that should appear.' });

/** What generate_image and edit_image have in common. The model itself checks what it is given. */
export const pictureOptions = {
  model: z
    .string({ error: 'must be the id of a model' })
    .optional()
    .meta({ description: 'The id of a model of list_models. If left out, the first one.' }),
  aspect_ratio: z.string({ error: 'must be a ratio such as 16:9' }).optional().meta({
    description: 'Width to height, such as 1:1, 16:9, 9:16, 4:3 or 3:4. list_models lists the ratios of each model.',
  }),
  image_size: z
    .string({ error: 'must be a size such as 2K' })
    .optional()
    .meta({ description: 'Resolution, such as 1K, 2K or 4K. Larger ones cost more and take longer.' }),
  image_output_format: z
    .string({ error: 'must be a format such as png' })
    .optional()
    .meta({ description: 'Format of the file: png or jpeg.' }),
  number_of_images: z
    .int({ error: 'must be a whole number' })
    .optional()
    .meta({ description: 'How many pictures to make. Each picture is charged. 1 if left out.' }),
  references,
  idempotency_key: z.string({ error: 'must be a string' }).optional().meta({
    description:
      'Any text that you choose. A repeated call with the same key and arguments returns the same request, which is charged only once.',
  }),
  wait_seconds: waitSeconds.default(maxWaitSeconds),
};
