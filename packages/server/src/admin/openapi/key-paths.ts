import { keyBodySchema, keyListSchema, newKeySchema } from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from '../../http/openapi/answers.ts';
import { adminPrefix } from '../admin-prefix.ts';

const tags = ['Keys'];
const forAdmins = ['unauthorized', 'admin_required'] as const;

const list: ZodOpenApiOperationObject = {
  operationId: 'listKeys',
  tags,
  summary: 'List the API keys',
  responses: { 200: { description: 'Every key.', content: json(keyListSchema) }, ...refusals(...forAdmins) },
};

const create: ZodOpenApiOperationObject = {
  operationId: 'createKey',
  tags,
  summary: 'Create an API key',
  requestBody: { required: true, content: json(keyBodySchema) },
  responses: {
    201: { description: 'The key. Its text is shown only once.', content: json(newKeySchema) },
    ...refusals('invalid_request', 'malformed_json', ...forAdmins),
  },
};

const revoke: ZodOpenApiOperationObject = {
  operationId: 'revokeKey',
  tags,
  summary: 'Revoke an API key',
  description: 'The key is refused from now on. The key that makes this call cannot be revoked.',
  requestParams: { path: z.object({ id: z.string() }) },
  responses: { 204: { description: 'Revoked.' }, ...refusals('invalid_request', ...forAdmins, 'not_found') },
};

export const keyPaths: ZodOpenApiPathsObject = {
  [`${adminPrefix}/keys`]: { get: list, post: create },
  [`${adminPrefix}/keys/{id}`]: { delete: revoke },
};
