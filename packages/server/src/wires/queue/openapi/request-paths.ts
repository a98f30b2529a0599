import {
  attemptListSchema,
  deletedRequestSchema,
  idempotencyKeySchema,
  listQuerySchema,
  requestListSchema,
  requestRecordSchema,
  submitBodySchema,
  submitReplySchema,
  usageQuerySchema,
  usageReportSchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, organizationHeader, preferHeader, refusals } from '../../../http/openapi/answers.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import { queuePrefix } from '../prefixes.ts';

const tags = ['Requests'];
const requestId = z.object({ id: z.string().meta({ description: 'The `request_id` of the submit.' }) });
const ofOne = { path: requestId, header: organizationHeader };

/** The schemas of the payloads are those of the models. */
export function requestPaths(models: ModelRegistry): ZodOpenApiPathsObject {
  return {
    [`${queuePrefix}/requests`]: { post: submitOperation(models), get: list },
    [`${queuePrefix}/requests/{id}`]: { get: status, delete: remove },
    [`${queuePrefix}/requests/{id}/content`]: { delete: removeContent },
    [`${queuePrefix}/requests/{id}/cancel`]: { post: cancel },
    [`${queuePrefix}/requests/{id}/attempts`]: { get: attempts },
    [`${queuePrefix}/usage`]: { get: usage },
  };
}

function submitOperation(models: ModelRegistry): ZodOpenApiOperationObject {
  return {
    operationId: 'submitRequest',
    tags,
    summary: 'Submit a request',
    description: 'Answers when the request is stored durably in the queue. The picture follows: read the status.',
    requestParams: {
      header: organizationHeader.extend({ 'Idempotency-Key': idempotencyKeySchema.optional(), ...preferHeader }),
    },
    requestBody: {
      required: true,
      content: { 'application/json': { schema: submitSchema(models), example: submitExample } },
    },
    responses: {
      200: {
        description: 'Queued; with `Prefer: wait`, the record.',
        headers: z.object({
          'Idempotent-Replayed': z
            .literal('true')
            .optional()
            .meta({ description: 'The request was made by an earlier submit of the same `Idempotency-Key`.' }),
        }),
        content: json(z.union([submitReplySchema, requestRecordSchema])),
      },
      ...refusals(
        'invalid_request',
        'malformed_json',
        'unauthorized',
        'budget_exceeded',
        'model_not_found',
        'idempotency_conflict',
        'body_too_large',
        'unsupported_media_type',
        'rate_limited',
        'queue_full',
        'too_many_streams',
        'overloaded',
      ),
    },
  };
}

/** One shape for each model, since their payloads differ. */
function submitSchema(models: ModelRegistry) {
  const [first, ...others] = models
    .list()
    .map(({ id, payloadSchema }) =>
      submitBodySchema.extend({ model: z.literal(id), payload: payloadSchema }).meta({ title: id }),
    );
  if (!first) throw new Error('There are no models');
  return z.union([first, ...others]);
}

const submitExample = {
  model: 'gemini-3-pro-image-preview',
  payload: {
    prompt: 'A hyperrealistic portrait of a cyberpunk woman under neon lights',
    image_size: '2K',
    aspect_ratio: '4:5',
  },
};

const status: ZodOpenApiOperationObject = {
  operationId: 'getRequest',
  tags,
  summary: 'Read a request',
  requestParams: { path: requestId, header: organizationHeader.extend(preferHeader) },
  responses: {
    200: { description: 'The record.', content: json(requestRecordSchema) },
    ...refusals('unauthorized', 'not_found', 'deleted', 'too_many_streams'),
  },
};

const list: ZodOpenApiOperationObject = {
  operationId: 'listRequests',
  tags,
  summary: 'List requests',
  description: 'Newest first.',
  requestParams: { query: listQuerySchema, header: organizationHeader },
  responses: {
    200: { description: 'A page.', content: json(requestListSchema) },
    ...refusals('invalid_request', 'unauthorized'),
  },
};

/** Two addresses have the same meaning. */
const cancel: ZodOpenApiOperationObject = {
  operationId: 'cancelRequest',
  tags,
  summary: 'Cancel a request',
  description:
    'A queued request ends at once. The calls of a processing request are completed, because they are already paid for, and their cost is recorded. A request that has ended stays as it is.',
  requestParams: ofOne,
  responses: {
    200: { description: 'The record as it is now.', content: json(requestRecordSchema) },
    ...refusals('unauthorized', 'not_found'),
  },
};

const remove: ZodOpenApiOperationObject = {
  operationId: 'deleteRequest',
  tags,
  summary: 'Cancel a request, or delete one that has ended',
  description:
    'A request that is queued or processing is cancelled, as by `POST …/cancel`, and stays. One that has ended is deleted, as by `DELETE …/content`. To cancel and never to delete, use `POST …/cancel`.',
  requestParams: ofOne,
  responses: {
    200: {
      description: 'The record of the request, which is cancelled now, or what is left of it.',
      content: json(z.union([requestRecordSchema, deletedRequestSchema])),
    },
    ...refusals('unauthorized', 'not_found', 'request_ended', 'request_open'),
  },
};

const removeContent: ZodOpenApiOperationObject = {
  operationId: 'deleteRequestContent',
  tags,
  summary: 'Delete an ended request with its pictures',
  description:
    'Its payload, log, events and pictures are gone from the database and the storage when the call is answered, and so are uploads that no other request uses. Later turns that need its pictures fail with `media_deleted`. The addresses of its pictures answer 410. The call can be repeated.',
  requestParams: ofOne,
  responses: {
    200: { description: 'What is left of it.', content: json(deletedRequestSchema) },
    ...refusals('unauthorized', 'not_found', 'request_open'),
  },
};

const attempts: ZodOpenApiOperationObject = {
  operationId: 'listAttempts',
  tags,
  summary: 'Read the attempt log of a request',
  requestParams: ofOne,
  responses: {
    200: { description: 'Every upstream call that was made for it.', content: json(attemptListSchema) },
    ...refusals('unauthorized', 'not_found'),
  },
};

const usage: ZodOpenApiOperationObject = {
  operationId: 'getUsage',
  tags,
  summary: 'Read what the organization has spent',
  requestParams: { query: usageQuerySchema, header: organizationHeader },
  responses: {
    200: { description: 'The sums.', content: json(usageReportSchema) },
    ...refusals('invalid_request', 'unauthorized'),
  },
};
