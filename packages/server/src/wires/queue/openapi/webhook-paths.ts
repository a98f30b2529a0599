import {
  deliveryListSchema,
  deliveryQuerySchema,
  deliverySchema,
  endpointBodySchema,
  endpointChangesSchema,
  endpointListSchema,
  endpointSchema,
  newEndpointSchema,
  webhookSecretSchema,
  webhookTestSchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { json, organizationHeader, refusals } from '../../../http/openapi/answers.ts';
import { queuePrefix } from '../prefixes.ts';

const prefix = `${queuePrefix}/webhooks`;
const tags = ['Webhooks'];
const ofAll = { header: organizationHeader };
const ofOne = { path: z.object({ id: z.string() }), header: organizationHeader };

interface Facts {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
}

/** A call about one endpoint or delivery that answers with it, or with a part of it. */
function toOperation(facts: Facts, schema: z.ZodType): ZodOpenApiOperationObject {
  return {
    ...facts,
    tags,
    requestParams: ofOne,
    responses: {
      200: { description: 'The endpoint as it is now.', content: json(schema) },
      ...refusals('unauthorized', 'not_found'),
    },
  };
}

const create: ZodOpenApiOperationObject = {
  operationId: 'createWebhookEndpoint',
  tags,
  summary: 'Add an endpoint, which is called for every request of the organization',
  requestParams: ofAll,
  requestBody: { required: true, content: json(endpointBodySchema) },
  responses: {
    201: { description: 'The endpoint with its secret.', content: json(newEndpointSchema) },
    ...refusals('invalid_request', 'malformed_json', 'unauthorized', 'endpoints_full'),
  },
};

const list: ZodOpenApiOperationObject = {
  operationId: 'listWebhookEndpoints',
  tags,
  summary: 'List the endpoints',
  requestParams: ofAll,
  responses: {
    200: { description: 'Every endpoint.', content: json(endpointListSchema) },
    ...refusals('unauthorized'),
  },
};

const change: ZodOpenApiOperationObject = {
  operationId: 'changeWebhookEndpoint',
  tags,
  summary: 'Change, pause or resume an endpoint',
  requestParams: ofOne,
  requestBody: { required: true, content: json(endpointChangesSchema) },
  responses: {
    200: { description: 'The endpoint.', content: json(endpointSchema) },
    ...refusals('invalid_request', 'malformed_json', 'unauthorized', 'not_found'),
  },
};

const remove: ZodOpenApiOperationObject = {
  operationId: 'deleteWebhookEndpoint',
  tags,
  summary: 'Remove an endpoint',
  description: 'Its pending deliveries are given up.',
  requestParams: ofOne,
  responses: { 204: { description: 'Removed.' }, ...refusals('unauthorized', 'not_found') },
};

function toOwnSecret(facts: Facts): ZodOpenApiOperationObject {
  return {
    ...facts,
    tags,
    requestParams: ofAll,
    responses: { 200: { description: 'The secret.', content: json(webhookSecretSchema) }, ...refusals('unauthorized') },
  };
}

const deliveries: ZodOpenApiOperationObject = {
  operationId: 'listWebhookDeliveries',
  tags,
  summary: 'List past and pending deliveries',
  requestParams: { query: deliveryQuerySchema, ...ofAll },
  responses: {
    200: { description: 'A page.', content: json(deliveryListSchema) },
    ...refusals('invalid_request', 'unauthorized'),
  },
};

const rotation =
  'For 24 hours the old secret also signs, so that receivers can switch to the new one. After that, it is no longer used.';

export const webhookPaths: ZodOpenApiPathsObject = {
  [`${prefix}/endpoints`]: { get: list, post: create },
  [`${prefix}/endpoints/{id}`]: {
    get: toOperation({ operationId: 'getWebhookEndpoint', summary: 'Read an endpoint' }, endpointSchema),
    patch: change,
    delete: remove,
  },
  [`${prefix}/endpoints/{id}/secret`]: {
    get: toOperation(
      { operationId: 'getEndpointSecret', summary: 'Read the secret of an endpoint' },
      webhookSecretSchema,
    ),
  },
  [`${prefix}/endpoints/{id}/rotate-secret`]: {
    post: toOperation(
      { operationId: 'rotateEndpointSecret', summary: 'Give an endpoint a new secret', description: rotation },
      webhookSecretSchema,
    ),
  },
  [`${prefix}/endpoints/{id}/test`]: {
    post: toOperation(
      {
        operationId: 'testWebhookEndpoint',
        summary: 'Send a test message to an endpoint',
        description: 'A `webhook.test` message. It is sent at once and only once, even while the endpoint is paused.',
      },
      webhookTestSchema,
    ),
  },
  [`${prefix}/secret`]: {
    get: toOwnSecret({
      operationId: 'getWebhookSecret',
      summary: 'Read the secret that signs for the `webhook_url` of requests',
    }),
  },
  [`${prefix}/secret/rotate`]: {
    post: toOwnSecret({
      operationId: 'rotateWebhookSecret',
      summary: 'Change the secret that signs for the `webhook_url` of requests',
      description: rotation,
    }),
  },
  [`${prefix}/deliveries`]: { get: deliveries },
  [`${prefix}/deliveries/{id}/resend`]: {
    post: toOperation(
      {
        operationId: 'resendWebhookDelivery',
        summary: 'Send a delivery again',
        description: 'It is sent at once, whatever its status.',
      },
      deliverySchema,
    ),
  },
};
