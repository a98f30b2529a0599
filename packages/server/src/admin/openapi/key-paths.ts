import {
  keyBodySchema,
  keyChangeSchema,
  keyListSchema,
  keyRotationSchema,
  keySchema,
  newKeySchema,
} from '@darkroom/protocol';
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

const change: ZodOpenApiOperationObject = {
  operationId: 'changeKey',
  tags,
  summary: 'Change an API key',
  requestParams: { path: z.object({ id: z.string() }) },
  requestBody: { required: true, content: json(keyChangeSchema) },
  responses: {
    200: { description: 'The key as it is now.', content: json(keySchema) },
    ...refusals('invalid_request', 'malformed_json', ...forAdmins, 'not_found'),
  },
};

const rotate: ZodOpenApiOperationObject = {
  operationId: 'rotateKey',
  tags,
  summary: 'Give an API key another text',
  description:
    'Its id, and with it its budgets, limits and usage, stay. The old text is valid beside the new one for `grace_seconds`.',
  requestParams: { path: z.object({ id: z.string() }) },
  requestBody: { required: true, content: json(keyRotationSchema) },
  responses: {
    201: { description: 'The key; its new text is shown this once.', content: json(newKeySchema) },
    ...refusals('invalid_request', 'malformed_json', ...forAdmins, 'not_found'),
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
  [`${adminPrefix}/keys/{id}`]: { patch: change, delete: revoke },
  [`${adminPrefix}/keys/{id}/rotate`]: { post: rotate },
};
