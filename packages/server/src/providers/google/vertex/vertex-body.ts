import type { ImageCall } from '../../image-model.ts';
import { toRequestBody } from '../request-body.ts';

/** As for AI Studio, with what only Vertex AI takes: the format of the picture, and which people it may show. */
export function toVertexBody(call: ImageCall, personGeneration: string | undefined): unknown {
  // The tier is in the headers.
  const body = toRequestBody({ ...call, serviceTier: 'standard' });
  const { generationConfig } = body;
  const mimeType = outputTypes.find((type) => type === `image/${call.format}`);
  const imageConfig = {
    ...generationConfig.imageConfig,
    ...(mimeType !== undefined && { imageOutputOptions: { mimeType } }),
    ...(personGeneration !== undefined && { personGeneration: personGeneration.toUpperCase() }),
  };
  return { ...body, generationConfig: { ...generationConfig, imageConfig } };
}

/** Nothing for the standard tier. */
export function toTierHeaders(tier: ImageCall['serviceTier']): Readonly<Record<string, string>> {
  if (tier === 'standard') return {};
  return { 'x-vertex-ai-llm-request-type': 'shared', 'x-vertex-ai-llm-shared-request-type': tier };
}

const outputTypes = ['image/png', 'image/jpeg'];
