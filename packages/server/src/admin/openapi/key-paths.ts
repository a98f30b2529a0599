import {
  keyBodySchema,
  keyListSchema,
  meSchema,
  newKeySchema,
  signInBodySchema,
  signInReplySchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, organizationHeader, refusals } from '../../http/openapi/answers.ts';
import { adminPrefix, signInPath, wirePrefix } from '../../http/prefixes.ts';

const tags = ['Keys'];
const forAdmins = ['unauthorized', 'admin_required'] as const;

const me: ZodOpenApiOperationObject = {
  operationId: 'getMe',
  tags,
  summary: 'Read who calls',
  requestParams: { header: organizationHeader },
  responses: { 200: { description: 'The key of the call.', content: json(meSchema) }, ...refusals('unauthorized') },
};

const signIn: ZodOpenApiOperationObject = {
  operationId: 'signIn',
  tags,
  summary: 'Exchange the code of a sign-in link for an admin key',
  description: 'Darkroom prints the link when it starts. Its code can be used once, within an hour.',
  security: [],
  requestBody: { required: true, content: json(signInBodySchema) },
  responses: {
    200: { description: 'The key; it is shown this once.', content: json(signInReplySchema) },
    ...refusals('invalid_request', 'malformed_json', 'unauthorized', 'body_too_large', 'unsupported_media_type'),
  },
};

const list: ZodOpenApiOperationObject = {
  operationId: 'listKeys',
  tags,
  summary: 'List the API keys',
  responses: { 200: { description: 'Every key.', content: json(keyListSchema) }, ...refusals(...forAdmins) },
};

const create: ZodOpenApiOperationObject = {
  operationId: 'createKey',
  tags,
  summary: 'Make an API key',
  requestBody: { required: true, content: json(keyBodySchema) },
  responses: {
    201: { description: 'The key; its text is shown this once.', content: json(newKeySchema) },
    ...refusals('invalid_request', 'malformed_json', ...forAdmins),
  },
};

const revoke: ZodOpenApiOperationObject = {
  operationId: 'revokeKey',
  tags,
  summary: 'Revoke an API key',
  description: 'It is refused from now on. The key of the call itself cannot be revoked.',
  requestParams: { path: z.object({ id: z.string() }) },
  responses: { 204: { description: 'Revoked.' }, ...refusals('invalid_request', ...forAdmins, 'not_found') },
};

export const keyPaths: ZodOpenApiPathsObject = {
  [`${wirePrefix}/me`]: { get: me },
  [signInPath]: { post: signIn },
  [`${adminPrefix}/keys`]: { get: list, post: create },
  [`${adminPrefix}/keys/{id}`]: { delete: revoke },
};
