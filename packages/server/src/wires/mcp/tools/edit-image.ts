import { z } from 'zod';
import { toModelName } from '../chosen-model.ts';
import { assertOne, toPictureUrl, toReferenceUrls } from '../references.ts';
import { submitPicture } from '../submit-picture.ts';
import { defineTool, type ToolCall } from '../tool.ts';
import { pictureOptions, pictureShape } from './argument-schemas.ts';
import { toPayload } from './payload.ts';

const input = z.object({
  prompt: z
    .string({ error: 'must be a string that says what to change' })
    .meta({ description: 'What to change in the picture, and what to leave as it is.' }),
  ...pictureShape,
  ...pictureOptions,
});

export const editImageTool = defineTool({
  name: 'edit_image',
  title: 'Change a picture',
  description:
    'Makes a new picture from an existing one: of an earlier request (request_id, which continues its conversation, so that the model knows how the picture was made), at a URL, or uploaded. The existing picture stays as it is. Costs money, and answers as generate_image does.',
  input,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async (given, call) => {
    assertOne(given, '');
    const { request_id, index } = given;
    const references = await toReferenceUrls(given.references ?? [], call);
    const options = { ...given, aspect_ratio: given.aspect_ratio ?? toKeptRatio(given.model, call) };
    const before = { previous_request_id: request_id, ...(index !== undefined && { previous_image: index }) };
    const payload =
      request_id === undefined
        ? toPayload(options, [await toPictureUrl(given, '', call), ...references])
        : { ...toPayload(options, references), ...before };
    return submitPicture({ tool: 'edit_image', given, payload }, call);
  },
});

/** The picture keeps its ratio, where the model can do that. */
function toKeptRatio(model: string | undefined, { models }: ToolCall): string | undefined {
  return models.find(toModelName(model, models))?.limits.aspectRatios.find((ratio) => ratio === 'auto');
}
