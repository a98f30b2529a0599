import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { openAiRefusal } from '../openai-errors.ts';
import { openAiPrefix } from './addresses.ts';
import { imageCallSchema } from './image-call.ts';

const imagesSchema = z
  .looseObject({
    created: z.int().meta({ description: 'Seconds since 1970.' }),
    data: z.array(z.object({ b64_json: z.string().optional(), url: z.string().optional() })),
    output_format: z.string(),
    size: z.string().meta({ description: 'The real pixels of the first picture.' }),
    quality: z.string(),
    background: z.string(),
    usage: z.looseObject({ cost_usd: z.number() }).optional(),
  })
  .meta({ id: 'OpenAiImages', description: 'As OpenAI’s ImagesResponse.' });

const taskSchema = z
  .looseObject({
    id: z.string(),
    task_id: z.string(),
    object: z.literal('image.generation.task'),
    status: z.enum(['processing', 'completed', 'failed']),
    poll_url: z.string(),
    result: imagesSchema.optional(),
  })
  .meta({ id: 'OpenAiImageTask', description: 'A request to poll.' });

const modelSchema = z
  .looseObject({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() })
  .meta({ id: 'OpenAiModel', description: 'A model, or an alias of one.' });

const tags = ['OpenAI Images'];
const refused = { default: openAiRefusal };
const images = { description: 'The pictures, or their events with `stream`.', content: json(imagesSchema) };
const task = { description: 'The task; `Location` says where to poll it.', content: json(taskSchema) };

function toCall(operationId: string, summary: string): ZodOpenApiOperationObject {
  return {
    operationId,
    tags,
    summary,
    requestBody: {
      required: true,
      content: { ...json(imageCallSchema), 'multipart/form-data': { schema: imageCallSchema } },
    },
    responses: { 200: images, 202: task, ...refused },
  };
}

const paths: ZodOpenApiPathsObject = {
  '/images/generations': { post: toCall('generateOpenAiImages', 'Make pictures, and wait for them') },
  '/images/edits': { post: toCall('editOpenAiImages', 'Edit pictures, and wait for the results') },
  '/images/generations/async': { post: toCall('startOpenAiImages', 'Make pictures as a task to poll') },
  '/images/edits/async': { post: toCall('startOpenAiEdits', 'Edit pictures as a task to poll') },
  '/images/tasks/{id}': {
    get: {
      operationId: 'getOpenAiTask',
      tags,
      summary: 'Poll a task',
      requestParams: { path: z.object({ id: z.string() }) },
      responses: { 200: task, ...refused },
    },
  },
  '/models': {
    get: {
      operationId: 'listOpenAiModels',
      tags,
      summary: 'List the models and their aliases',
      responses: {
        200: {
          description: 'The models.',
          content: json(z.object({ object: z.literal('list'), data: z.array(modelSchema) })),
        },
        ...refused,
      },
    },
  },
  '/models/{id}': {
    get: {
      operationId: 'getOpenAiModel',
      tags,
      summary: 'Read a model',
      requestParams: { path: z.object({ id: z.string() }) },
      responses: { 200: { description: 'The model.', content: json(modelSchema) }, ...refused },
    },
  },
};

/** The wire's part of the OpenAPI document. */
export const openAiPart: OpenApiPart = {
  tags,
  paths: Object.fromEntries(Object.entries(paths).map(([path, item]) => [`${openAiPrefix}${path}`, item])),
};
