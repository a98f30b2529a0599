import { meSchema, signInBodySchema, signInReplySchema, signInWaysSchema } from '@darkroom/protocol';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { housePrefix, signInKeyPath, signInPath } from '../prefixes.ts';
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

const keySignIn: ZodOpenApiOperationObject = {
  operationId: 'signInWithKey',
  tags,
  summary: 'Sign in to the console with an API key',
  description:
    'Checks the key of the call, which must have the scope `read`, and notes the sign-in in the audit log: once an hour for each key and address.',
  responses: { 204: { description: 'The key may be used.' }, ...refusals('unauthorized', 'scope_required') },
};

const ways: ZodOpenApiOperationObject = {
  operationId: 'getSignInWays',
  tags,
  summary: 'Read how people can sign in to the console',
  security: [],
  responses: {
    200: { description: 'The ways, and the token of the session of this browser.', content: json(signInWaysSchema) },
  },
};

const signOut: ZodOpenApiOperationObject = {
  operationId: 'signOut',
  tags,
  summary: 'End the session of this browser',
  responses: { 204: { description: 'Signed out.' }, ...refusals('unauthorized') },
};

export const keyPaths: ZodOpenApiPathsObject = {
  [`${housePrefix}/me`]: { get: me },
  [signInPath]: { get: ways, post: signIn, delete: signOut },
  [signInKeyPath]: { post: keySignIn },
};
