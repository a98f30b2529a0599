import type { ImageCall } from '../../image-model.ts';
import { toRequestBody } from '../request-body.ts';

/** As for AI Studio, with what only Vertex AI takes: the format of the picture, and which people it may show. */
export function toVertexBody(call: ImageCall, personGeneration: string | undefined): unknown {
  const body = toRequestBody(call);
  const { generationConfig } = body;
  const mimeType = outputTypes.find((type) => type === `image/${call.format}`);
  const imageConfig = {
    ...generationConfig.imageConfig,
    ...(mimeType !== undefined && { imageOutputOptions: { mimeType } }),
    ...(personGeneration !== undefined && { personGeneration: personGeneration.toUpperCase() }),
  };
  return { ...body, generationConfig: { ...generationConfig, imageConfig } };
}

const outputTypes = ['image/png', 'image/jpeg'];
