import {
  attemptEventSchema,
  progressSchema,
  queueSchema,
  requestLogSchema,
  requestRecordSchema,
  statusEventSchema,
  streamQuerySchema,
  webhookEventSchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, organizationHeader, refusals } from '../../../http/openapi/answers.ts';
import { queuePrefix } from '../prefixes.ts';

const tags = ['Requests'];
const requestId = z.object({ id: z.string().meta({ description: 'The `request_id` of the submit.' }) });
const lastEventId = {
  'Last-Event-ID': z
    .string()
    .optional()
    .meta({ description: 'The last id that was read. The stream continues after it.' }),
};

/** The data of an event is one of these, by the event's name. */
const ofRequest = z
  .union([statusEventSchema, attemptEventSchema, webhookEventSchema, queueSchema, progressSchema, requestRecordSchema])
  .meta({
    description:
      'By name: `status`, `attempt` and `webhook` have ids and are never omitted or repeated; `queue` and `progress` come between them, without ids; `end` is the last and contains the record.',
  });

const events: ZodOpenApiOperationObject = {
  operationId: 'streamRequest',
  tags,
  summary: 'Follow a request',
  description:
    'Server-sent events: what has happened so far, then what happens. A broken stream can be continued with `Last-Event-ID`. The stream closes when the request ends.',
  requestParams: {
    path: requestId,
    query: streamQuerySchema,
    header: organizationHeader.extend(lastEventId),
  },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: ofRequest } } },
    204: { description: 'The end was already read.' },
    ...refusals('invalid_request', 'unauthorized', 'not_found', 'too_many_streams'),
  },
};

const organizationEvents: ZodOpenApiOperationObject = {
  operationId: 'streamRequests',
  tags,
  summary: 'Follow all requests',
  description:
    'Server-sent events: every change of status of the organization’s requests, from now on or after `Last-Event-ID`.',
  requestParams: { query: streamQuerySchema, header: organizationHeader.extend(lastEventId) },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: statusEventSchema } } },
    ...refusals('invalid_request', 'unauthorized', 'too_many_streams'),
  },
};

const logs: ZodOpenApiOperationObject = {
  operationId: 'readLog',
  tags,
  summary: 'Read what has happened to a request, in words',
  requestParams: { path: requestId, header: organizationHeader },
  responses: {
    200: { description: 'Its notable moments.', content: json(requestLogSchema) },
    ...refusals('unauthorized', 'not_found'),
  },
};

export const eventPaths: ZodOpenApiPathsObject = {
  [`${queuePrefix}/requests/{id}/events`]: { get: events },
  [`${queuePrefix}/requests/{id}/logs`]: { get: logs },
  [`${queuePrefix}/events`]: { get: organizationEvents },
};
