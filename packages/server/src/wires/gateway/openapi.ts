import { z } from 'zod';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { toPrefix } from './addresses.ts';
import { imageBodySchema } from './image-body.ts';

const tags = ['AI Gateway'];
const prefix = toPrefix('v4');

const errorSchema = z
  .object({
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
  })
  .meta({ id: 'GatewayError' });

const imagesSchema = z
  .object({
    images: z.array(z.string()).meta({ description: 'Base64.' }),
    warnings: z.array(z.looseObject({ type: z.string() })),
    providerMetadata: z.looseObject({}),
    usage: z.object({ inputTokens: z.int(), outputTokens: z.int(), totalTokens: z.int() }).optional(),
  })
  .meta({ id: 'GatewayImages' });

const answer = (description: string, schema: z.ZodType) => ({
  200: { description, content: { 'application/json': { schema } } },
  default: { description: 'Why there is none.', content: { 'application/json': { schema: errorSchema } } },
});

/** The addresses of version 3 are the same. */
export const gatewayPart: OpenApiPart = {
  tags,
  paths: {
    [`${prefix}/image-model`]: {
      post: {
        operationId: 'generateImage',
        tags,
        summary: 'Make pictures for the AI SDK',
        description: 'Answers when the pictures are made.',
        requestParams: { header: z.object({ 'ai-model-id': z.string() }) },
        requestBody: { required: true, content: { 'application/json': { schema: imageBodySchema } } },
        responses: answer('The pictures.', imagesSchema),
      },
    },
    [`${prefix}/config`]: {
      get: {
        operationId: 'listGatewayModels',
        tags,
        summary: 'List the models for the AI SDK',
        responses: answer('The models.', z.object({ models: z.array(z.looseObject({ id: z.string() })) })),
      },
    },
  },
};
