import { sessionListSchema, sessionQuerySchema } from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from '../../http/openapi/answers.ts';
import { adminPrefix } from '../admin-prefix.ts';

const tags = ['Keys'];
const forAdmins = ['unauthorized', 'admin_required'] as const;

const list: ZodOpenApiOperationObject = {
  operationId: 'listSessions',
  tags,
  summary: 'List the sessions of people in the console',
  requestParams: { query: sessionQuerySchema },
  responses: {
    200: { description: 'A page of sessions.', content: json(sessionListSchema) },
    ...refusals('invalid_request', ...forAdmins),
  },
};

const end: ZodOpenApiOperationObject = {
  operationId: 'endSession',
  tags,
  summary: 'End a session',
  description:
    'The browser is signed out at its next call. To keep the person out, revoke the row of the person among the keys.',
  requestParams: { path: z.object({ id: z.string() }) },
  responses: { 204: { description: 'Ended.' }, ...refusals(...forAdmins, 'not_found') },
};

export const sessionPaths: ZodOpenApiPathsObject = {
  [`${adminPrefix}/sessions`]: { get: list },
  [`${adminPrefix}/sessions/{id}`]: { delete: end },
};
