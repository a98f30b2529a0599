import { z } from 'zod';
import { json } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { openAiRefusal } from '../openai-errors.ts';
import { imageToolSchema, responseBodySchema } from './response-schema.ts';

const tags = ['Responses'];

const responseSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled']),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    model: z.string(),
    output: z
      .array(z.looseObject({ id: z.string(), type: z.string(), status: z.string() }))
      .meta({ description: 'Pictures (`image_generation_call`, with their base64 in `result`), and messages.' }),
    tools: z.array(z.looseObject({ type: z.string() })),
  })
  .meta({ id: 'Response' });

const answered = { description: 'The response.', content: json(responseSchema) };
const accepted = {
  description: 'The request has not ended. `Location` is the address to poll.',
  content: json(responseSchema),
};
const ofOne = { path: z.object({ id: z.string().meta({ description: 'The `id` of a response.' }) }) };

const bodySchema = responseBodySchema.extend({
  tools: z
    .array(z.union([imageToolSchema, z.looseObject({ type: z.string() })]))
    .nullish()
    .meta({ description: 'Every tool but `image_generation` is ignored.' }),
});

/** The wire's part of the OpenAPI document. */
export const responsesPart: OpenApiPart = {
  tags,
  paths: {
    '/v1/responses': {
      post: {
        operationId: 'createResponse',
        tags,
        summary: 'Make a picture with a response',
        description:
          'Answers when the picture is ready; with `background`, at once; with `stream`, as server-sent events.',
        requestBody: { required: true, content: json(bodySchema) },
        responses: { 200: answered, 202: accepted, default: openAiRefusal },
      },
    },
    '/v1/responses/{id}': {
      get: {
        operationId: 'getResponse',
        tags,
        summary: 'Read a response',
        requestParams: ofOne,
        responses: { 200: answered, default: openAiRefusal },
      },
      delete: {
        operationId: 'deleteResponse',
        tags,
        summary: 'Cancel a response, or delete one that has ended',
        requestParams: ofOne,
        responses: {
          200: {
            description: 'It was cancelled, or it is gone with its pictures.',
            content: json(z.object({ id: z.string(), object: z.string(), deleted: z.literal(true) })),
          },
          default: openAiRefusal,
        },
      },
    },
    '/v1/responses/{id}/cancel': {
      post: {
        operationId: 'cancelResponse',
        tags,
        summary: 'Cancel a response',
        requestParams: ofOne,
        responses: { 200: answered, default: openAiRefusal },
      },
    },
  },
};
