import { z } from 'zod';
import { json } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { createSchema } from './create-body.ts';
import { inputSchema } from './input.ts';

const tags = ['Replicate'];
const ofOne = { path: z.object({ id: z.string() }) };
const ofModel = { path: z.object({ owner: z.string(), name: z.string() }) };

const predictionSchema = z.looseObject({
  id: z.string(),
  model: z.string(),
  version: z.string(),
  input: z.looseObject({}),
  output: z.union([z.string(), z.array(z.string())]).nullable(),
  error: z.string().nullable(),
  logs: z.string(),
  status: z.enum(['starting', 'processing', 'succeeded', 'failed', 'canceled']),
  created_at: z.string(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  urls: z.object({ get: z.string(), cancel: z.string() }),
});

const wait = z.object({
  Prefer: z.string().optional().meta({
    description: '`wait` or `wait=SECONDS`: the answer is sent when the prediction has ended, or says `starting`.',
    example: 'wait',
  }),
});
const prediction = { description: 'The prediction.', content: json(predictionSchema) };
const body = { required: true, content: json(createSchema.extend({ input: inputSchema })) };

/** The wire's part of the OpenAPI document. */
export const replicatePart: OpenApiPart = {
  tags,
  paths: {
    '/v1/predictions': {
      post: {
        operationId: 'createPrediction',
        tags,
        summary: 'Create a prediction of a version',
        requestParams: { header: wait },
        requestBody: body,
        responses: { 201: prediction },
      },
      get: {
        operationId: 'listPredictions',
        tags,
        summary: 'List predictions, newest first',
        requestParams: { query: z.object({ cursor: z.string().optional() }) },
        responses: {
          200: {
            description: 'A page.',
            content: json(
              z.object({
                previous: z.string().nullable(),
                next: z.string().nullable(),
                results: z.array(predictionSchema),
              }),
            ),
          },
        },
      },
    },
    '/v1/models/{owner}/{name}/predictions': {
      post: {
        operationId: 'createModelPrediction',
        tags,
        summary: 'Create a prediction of a model',
        requestParams: { ...ofModel, header: wait },
        requestBody: body,
        responses: { 201: prediction },
      },
    },
    '/v1/predictions/{id}': {
      get: {
        operationId: 'getPrediction',
        tags,
        summary: 'Read a prediction',
        requestParams: ofOne,
        responses: { 200: prediction },
      },
    },
    '/v1/predictions/{id}/cancel': {
      post: {
        operationId: 'cancelPrediction',
        tags,
        summary: 'Cancel a prediction that has not ended',
        requestParams: ofOne,
        responses: { 200: prediction },
      },
    },
    '/v1/models/{owner}/{name}': {
      get: {
        operationId: 'getReplicateModel',
        tags,
        summary: 'Read a model and its only version',
        requestParams: ofModel,
        responses: { 200: { description: 'The model.', content: json(z.looseObject({ name: z.string() })) } },
      },
    },
    '/v1/files': {
      post: {
        operationId: 'createFile',
        tags,
        summary: 'Upload a picture for an input',
        requestBody: {
          required: true,
          content: { 'multipart/form-data': { schema: z.object({ content: z.string().meta({ format: 'binary' }) }) } },
        },
        responses: {
          201: {
            description: 'Stored.',
            content: json(z.looseObject({ id: z.string(), urls: z.object({ get: z.string() }) })),
          },
        },
      },
    },
    '/v1/webhooks/default/secret': {
      get: {
        operationId: 'getDefaultWebhookSecret',
        tags,
        summary: 'Read the secret that signs webhooks',
        responses: { 200: { description: 'The secret.', content: json(z.object({ key: z.string() })) } },
      },
    },
  },
};
