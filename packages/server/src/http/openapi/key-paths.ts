import { meSchema, signInBodySchema, signInReplySchema } from '@darkroom/protocol';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { housePrefix, signInPath } from '../prefixes.ts';
import { json, organizationHeader, refusals } from './answers.ts';

const tags = ['Keys'];

const me: ZodOpenApiOperationObject = {
  operationId: 'getMe',
  tags,
  summary: 'Read who is calling',
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
    200: { description: 'The key. It is shown only once.', content: json(signInReplySchema) },
    ...refusals('invalid_request', 'malformed_json', 'unauthorized', 'body_too_large', 'unsupported_media_type'),
  },
};

export const keyPaths: ZodOpenApiPathsObject = {
  [`${housePrefix}/me`]: { get: me },
  [signInPath]: { post: signIn },
};
