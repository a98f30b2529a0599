import { z } from 'zod';
import { json } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { openAiRefusal } from '../openai-errors.ts';
import { chatBodySchema } from './chat-schema.ts';

const tags = ['Chat completions'];

const headSchema = z.object({ id: z.string(), object: z.string(), created: z.int(), model: z.string() });

const imageSchema = z.object({
  type: z.literal('image_url'),
  image_url: z.object({ url: z.string().meta({ description: 'A `data:` URI or a URL.' }) }),
  index: z.int(),
});

const completionSchema = headSchema
  .extend({
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({ role: z.literal('assistant'), content: z.string(), images: z.array(imageSchema) }),
        finish_reason: z.string(),
      }),
    ),
    usage: z.looseObject({
      prompt_tokens: z.int(),
      completion_tokens: z.int(),
      total_tokens: z.int(),
      cost: z.number().meta({ description: 'US dollars.' }),
    }),
  })
  .meta({ id: 'ChatCompletion' });

const acceptedSchema = headSchema.extend({ status: z.string(), choices: z.array(z.never()) });
const accepted = {
  description: 'The request has not ended. `Location` is the address to poll.',
  content: json(acceptedSchema),
};
const completed = { description: 'The answer with its pictures.', content: json(completionSchema) };

/** The wire's part of the OpenAPI document. */
export const chatPart: OpenApiPart = {
  tags,
  paths: {
    '/v1/chat/completions': {
      post: {
        operationId: 'createChatCompletion',
        tags,
        summary: 'Make pictures in a chat',
        description:
          'Answers when the pictures are ready; with `stream`, as server-sent events. With `Prefer: respond-async`, it answers at once.',
        requestBody: { required: true, content: json(chatBodySchema) },
        responses: { 200: completed, 202: accepted, default: openAiRefusal },
      },
    },
    '/v1/chat/completions/{id}': {
      get: {
        operationId: 'getChatCompletion',
        tags,
        summary: 'Read a completion',
        requestParams: { path: z.object({ id: z.string().meta({ description: 'The `id` of a completion.' }) }) },
        responses: { 200: completed, 202: accepted, default: openAiRefusal },
      },
    },
  },
};
