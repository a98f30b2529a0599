import { z } from 'zod';
import { toReferenceUrls } from '../references.ts';
import { submitPicture } from '../submit-picture.ts';
import { defineTool } from '../tool.ts';
import { pictureOptions } from './argument-schemas.ts';
import { toPayload } from './payload.ts';

const input = z.object({
  prompt: z.string({ error: 'must be a string that describes the picture' }).meta({
    description: 'What the picture shows: subject, style, light, composition, and any text in it, in quotes.',
  }),
  ...pictureOptions,
});

export const generateImageTool = defineTool({
  name: 'generate_image',
  title: 'Make a picture',
  description:
    'Makes one or more pictures from a description, and from reference pictures if there are any. Costs money. Answers with a link to each picture in full size, a small preview and the cost. A picture takes 10 to 120 seconds; if it is not ready in time, the answer has a request_id for get_result.',
  input,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async (given, call) => {
    const image = await toReferenceUrls(given.references ?? [], call);
    const payload = toPayload(given, image);
    return submitPicture({ tool: 'generate_image', given, payload }, call);
  },
});
