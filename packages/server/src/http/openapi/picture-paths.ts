import { uploadBodySchema, uploadReplySchema } from '@darkroom/protocol';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { housePrefix } from '../prefixes.ts';
import { json, refusals } from './answers.ts';

export const uploadPaths: ZodOpenApiPathsObject = {
  [`${housePrefix}/upload-url`]: {
    post: {
      operationId: 'createUpload',
      tags: ['Uploads'],
      summary: 'Get an address for uploading a reference picture',
      requestBody: { required: true, content: json(uploadBodySchema) },
      responses: {
        200: {
          description: 'The addresses. The upload address is valid for 15 minutes.',
          content: json(uploadReplySchema),
        },
        ...refusals('invalid_request', 'unauthorized', 'rate_limited', 'uploads_full', 'overloaded'),
      },
    },
  },
  [`${housePrefix}/uploads/{name}`]: {
    delete: {
      operationId: 'deleteUpload',
      tags: ['Uploads'],
      summary: 'Delete an upload of the organization',
      description:
        'Used or not. It is gone from the storage when the call is answered; its address answers 410. Requests that refer to it and have not read it fail with `media_deleted`. The call can be repeated.',
      requestParams: { path: z.object({ name: z.string().meta({ description: 'The end of its `public_url`.' }) }) },
      responses: { 204: { description: 'It is gone.' }, ...refusals('unauthorized', 'not_found') },
    },
  },
  '/uploads/{name}': {
    put: {
      operationId: 'putUpload',
      tags: ['Uploads'],
      summary: 'Upload a reference picture to an `upload_url`',
      security: [],
      requestParams: {
        path: z.object({ name: z.string() }),
        query: z.object({ expires: z.string(), signature: z.string() }),
      },
      requestBody: { required: true, content: { 'image/*': { schema: z.string().meta({ format: 'binary' }) } } },
      responses: {
        200: { description: 'Stored.', content: json(uploadReplySchema.pick({ public_url: true })) },
        ...refusals(
          'invalid_request',
          'unauthorized',
          'upload_conflict',
          'body_too_large',
          'unsupported_media_type',
          'overloaded',
        ),
      },
    },
  },
};

const picture = z.string().meta({ format: 'binary' });

export const mediaPaths: ZodOpenApiPathsObject = {
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
        206: { description: 'The requested range.' },
        304: { description: 'The caller already has it.' },
        416: { description: 'The requested range is outside it.' },
        ...refusals('not_found', 'deleted', 'media_lost'),
      },
    },
  },
  '/media/{name}/thumbnail': {
    get: {
      operationId: 'getThumbnail',
      tags: ['Media'],
      summary: 'Read a thumbnail of a picture',
      description:
        'At most 512 pixels wide and high, and never larger than the picture. It is made when it is first requested. Needs no key; its name cannot be guessed. Takes `Range` and `If-None-Match`.',
      security: [],
      requestParams: { path: z.object({ name: z.string() }) },
      responses: {
        200: { description: 'The thumbnail.', content: { 'image/webp': { schema: picture } } },
        206: { description: 'The requested range.' },
        302: { description: 'The thumbnail is in a bucket, at this address.' },
        304: { description: 'The caller already has it.' },
        416: { description: 'The requested range is outside it.' },
        ...refusals('not_found', 'deleted', 'media_lost', 'unreadable_picture', 'overloaded'),
      },
    },
  },
};
