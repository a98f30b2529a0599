import { z } from 'zod';
import { json } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { inputSchema } from './input.ts';
import { initiateSchema } from './routes/storage.ts';

const tags = ['fal'];
const security = [{ falKey: [] }];
const endpoint = z.string().meta({ description: 'For example `fal-ai/nano-banana-pro/edit`.' });
const ofRequest = z.object({ owner: z.string(), alias: z.string(), id: z.string() });
const logs = z.object({ logs: z.enum(['0', '1']).optional() });

const outputSchema = z.object({
  images: z.array(
    z.object({
      url: z.string(),
      content_type: z.string(),
      file_name: z.string(),
      file_size: z.int(),
      width: z.int(),
      height: z.int(),
    }),
  ),
  description: z.string(),
});

const statusSchema = z.object({
  status: z.enum(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED']),
  request_id: z.string(),
  response_url: z.string(),
  status_url: z.string(),
  cancel_url: z.string(),
  queue_position: z.int().optional(),
  logs: z.array(z.looseObject({ message: z.string() })).nullish(),
  metrics: z.object({ inference_time: z.number().nullable() }).optional(),
});

const input = { required: true, content: json(inputSchema) };
const output = { 200: { description: 'The pictures.', content: json(outputSchema) } };
const status = { 200: { description: 'The status.', content: json(statusSchema) } };

/** The wire's part of the OpenAPI document. */
export const falPart: OpenApiPart = {
  tags,
  securitySchemes: {
    falKey: { type: 'apiKey', in: 'header', name: 'Authorization', description: '`Key YOUR_API_KEY`' },
  },
  paths: {
    '/fal/run/{endpoint}': {
      post: {
        operationId: 'falRun',
        tags,
        security,
        summary: 'Make pictures, and answer when they are ready',
        requestParams: { path: z.object({ endpoint }) },
        requestBody: input,
        responses: output,
      },
    },
    '/fal/queue/{endpoint}': {
      post: {
        operationId: 'falSubmit',
        tags,
        security,
        summary: 'Submit a request, and answer at once',
        requestParams: { path: z.object({ endpoint }), query: z.object({ fal_webhook: z.string().optional() }) },
        requestBody: input,
        responses: status,
      },
    },
    '/fal/queue/{owner}/{alias}/requests/{id}/status': {
      get: {
        operationId: 'falStatus',
        tags,
        security,
        summary: 'Read the status',
        requestParams: { path: ofRequest, query: logs },
        responses: status,
      },
    },
    '/fal/queue/{owner}/{alias}/requests/{id}/status/stream': {
      get: {
        operationId: 'falStatusStream',
        tags,
        security,
        summary: 'Follow the status as server-sent events, to the end of the request',
        requestParams: { path: ofRequest, query: logs },
        responses: { 200: { description: 'Statuses.', content: { 'text/event-stream': { schema: statusSchema } } } },
      },
    },
    '/fal/queue/{owner}/{alias}/requests/{id}': {
      get: {
        operationId: 'falResult',
        tags,
        security,
        summary: 'Read the output, or the error with which the request ended',
        requestParams: { path: ofRequest },
        responses: output,
      },
    },
    '/fal/queue/{owner}/{alias}/requests/{id}/cancel': {
      put: {
        operationId: 'falCancel',
        tags,
        security,
        summary: 'Cancel a request that has not ended',
        requestParams: { path: ofRequest },
        responses: { 202: { description: 'Cancelled.', content: json(z.object({ status: z.string() })) } },
      },
    },
    '/fal/rest/storage/upload/initiate': {
      post: {
        operationId: 'falUpload',
        tags,
        security,
        summary: 'Get an address for uploading an input picture',
        requestBody: { required: true, content: json(initiateSchema) },
        responses: {
          200: {
            description: 'The addresses.',
            content: json(z.object({ upload_url: z.string(), file_url: z.string() })),
          },
        },
      },
    },
  },
};
