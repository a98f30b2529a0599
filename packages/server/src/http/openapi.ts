import {
  listQuerySchema,
  modelDetailSchema,
  modelListSchema,
  type ProblemCode,
  problemKinds,
  problemSchema,
  requestListSchema,
  requestRecordSchema,
  submitBodySchema,
  submitReplySchema,
  uploadBodySchema,
  uploadReplySchema,
} from '@darkroom/protocol';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { listModels } from '../core/catalogue.ts';
import { modelPrefix, wirePrefix } from './prefixes.ts';

/** The OpenAPI document of every route, made from the schemas that check the calls. */
export function createOpenApiDocument(): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Darkroom',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'Submit a prompt, get an id at once, and read the picture when it is there.',
    },
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    tags: [{ name: 'Requests' }, { name: 'Models' }, { name: 'Uploads' }, { name: 'Media' }, { name: 'Health' }],
    paths: {
      ...requestPaths(),
      ...modelPaths(wirePrefix, ''),
      ...modelPaths(modelPrefix, 'Short'),
      ...uploadPaths,
      ...mediaPaths,
      ...healthPaths,
    },
  });
}

const json = <S>(schema: S) => ({ 'application/json': { schema } });

const organizationHeader = z.object({
  'X-Organization-ID': z
    .string()
    .optional()
    .meta({ description: 'For keys of several organizations: the one to act for.' }),
});

function refusals(...codes: readonly ProblemCode[]): Record<`${1 | 4 | 5}${string}`, object> {
  const byStatus = Map.groupBy(codes, (code) => problemKinds[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const description = same.map((code) => `\`${code}\`: ${problemKinds[code].meaning}`).join(' ');
      return [String(status), { description, content: json(problemSchema) }];
    }),
  );
}

const requestId = z.object({ id: z.string().meta({ description: 'The `request_id` of the submit.' }) });

function requestPaths(): ZodOpenApiPathsObject {
  const submit: ZodOpenApiOperationObject = {
    operationId: 'submitRequest',
    tags: ['Requests'],
    summary: 'Submit a request',
    description: 'Answers when the request stands in the queue, durably. The picture follows: read the status.',
    requestParams: { header: organizationHeader },
    requestBody: {
      required: true,
      content: { 'application/json': { schema: submitSchema(), example: submitExample } },
    },
    responses: {
      200: { description: 'Queued.', content: json(submitReplySchema) },
      ...refusals(
        'invalid_request',
        'malformed_json',
        'unauthorized',
        'model_not_found',
        'body_too_large',
        'unsupported_media_type',
      ),
    },
  };
  const status: ZodOpenApiOperationObject = {
    operationId: 'getRequest',
    tags: ['Requests'],
    summary: 'Read a request',
    requestParams: { path: requestId, header: organizationHeader },
    responses: {
      200: { description: 'The record.', content: json(requestRecordSchema) },
      ...refusals('unauthorized', 'not_found'),
    },
  };
  const list: ZodOpenApiOperationObject = {
    operationId: 'listRequests',
    tags: ['Requests'],
    summary: 'List requests',
    description: 'Newest first.',
    requestParams: { query: listQuerySchema, header: organizationHeader },
    responses: {
      200: { description: 'A page.', content: json(requestListSchema) },
      ...refusals('invalid_request', 'unauthorized'),
    },
  };
  return {
    [`${wirePrefix}/requests`]: { post: submit, get: list },
    [`${wirePrefix}/requests/{id}`]: { get: status },
  };
}

/** One shape for each model, since their payloads differ. */
function submitSchema() {
  const [first, ...others] = listModels().map(({ id, payloadSchema }) =>
    submitBodySchema.extend({ model: z.literal(id), payload: payloadSchema }).meta({ title: id }),
  );
  if (!first) throw new Error('The catalogue is empty');
  return z.union([first, ...others]);
}

const submitExample = {
  model: 'gemini-3-pro-image-preview',
  payload: {
    prompt: 'A hyperrealistic portrait of a cyberpunk woman under neon lights',
    image_size: '2K',
    aspect_ratio: '4:5',
  },
};

function modelPaths(prefix: string, idPrefix: string): ZodOpenApiPathsObject {
  const list: ZodOpenApiOperationObject = {
    operationId: `list${idPrefix}Models`,
    tags: ['Models'],
    summary: 'List the models',
    responses: { 200: { description: 'The ids.', content: json(modelListSchema) }, ...refusals('unauthorized') },
  };
  const detail: ZodOpenApiOperationObject = {
    operationId: `get${idPrefix}Model`,
    tags: ['Models'],
    summary: 'Read a model: its parameters and its prices',
    requestParams: { path: z.object({ id: z.string() }) },
    responses: {
      200: { description: 'The model.', content: json(modelDetailSchema) },
      ...refusals('unauthorized', 'model_not_found'),
    },
  };
  return { [`${prefix}/models`]: { get: list }, [`${prefix}/models/{id}`]: { get: detail } };
}

const uploadPaths: ZodOpenApiPathsObject = {
  [`${wirePrefix}/upload-url`]: {
    post: {
      operationId: 'createUpload',
      tags: ['Uploads'],
      summary: 'Get an address to upload a reference picture at',
      requestBody: { required: true, content: json(uploadBodySchema) },
      responses: {
        200: { description: 'The addresses; the grant lasts 15 minutes.', content: json(uploadReplySchema) },
        ...refusals('invalid_request', 'unauthorized'),
      },
    },
  },
  '/uploads/{name}': {
    put: {
      operationId: 'putUpload',
      tags: ['Uploads'],
      summary: 'Upload a reference picture at the `upload_url` of the grant',
      security: [],
      requestParams: {
        path: z.object({ name: z.string() }),
        query: z.object({ expires: z.string(), signature: z.string() }),
      },
      requestBody: { required: true, content: { 'image/*': { schema: z.string().meta({ format: 'binary' }) } } },
      responses: {
        200: { description: 'Stored.', content: json(uploadReplySchema.pick({ public_url: true })) },
        ...refusals('invalid_request', 'unauthorized', 'upload_conflict', 'body_too_large', 'unsupported_media_type'),
      },
    },
  },
};

const picture = z.string().meta({ format: 'binary' });

const mediaPaths: ZodOpenApiPathsObject = {
  '/media/{name}': {
    get: {
      operationId: 'getMedia',
      tags: ['Media'],
      summary: 'Read a picture',
      description: 'Needs no key; its name cannot be guessed. Takes `Range` and `If-None-Match`.',
      security: [],
      requestParams: { path: z.object({ name: z.string() }) },
      responses: {
        200: {
          description: 'The picture.',
          content: { 'image/png': { schema: picture }, 'image/jpeg': { schema: picture } },
        },
        206: { description: 'The asked range of it.' },
        304: { description: 'The caller has it already.' },
        416: { description: 'The asked range is not in it.' },
        ...refusals('not_found'),
      },
    },
  },
};

const healthSchema = z.object({ status: z.string(), checks: z.record(z.string(), z.string()).optional() });

const healthPaths: ZodOpenApiPathsObject = {
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['Health'],
      summary: 'Does the process answer?',
      security: [],
      responses: { 200: { description: 'It does.', content: json(healthSchema) } },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['Health'],
      summary: 'Can it take and keep requests?',
      security: [],
      responses: {
        200: { description: 'It can.', content: json(healthSchema) },
        503: { description: 'It cannot; `checks` says why.', content: json(healthSchema) },
      },
    },
  },
};
