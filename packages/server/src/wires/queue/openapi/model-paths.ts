import { modelDetailSchema, modelListSchema } from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from '../../../http/openapi/answers.ts';

export function modelPaths(prefix: string, idPrefix: string): ZodOpenApiPathsObject {
  const list: ZodOpenApiOperationObject = {
    operationId: `list${idPrefix}Models`,
    tags: ['Models'],
    summary: 'List the models',
    responses: { 200: { description: 'The ids.', content: json(modelListSchema) }, ...refusals('unauthorized') },
  };
  const detail: ZodOpenApiOperationObject = {
    operationId: `get${idPrefix}Model`,
    tags: ['Models'],
    summary: 'Read a model: its parameters and its prices',
    requestParams: { path: z.object({ id: z.string() }) },
    responses: {
      200: { description: 'The model.', content: json(modelDetailSchema) },
      ...refusals('unauthorized', 'model_not_found'),
    },
  };
  return { [`${prefix}/models`]: { get: list }, [`${prefix}/models/{id}`]: { get: detail } };
}
