import { z } from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { json } from '../../http/openapi/answers.ts';
import type { OpenApiPart } from '../../http/openapi/document.ts';
import { googleSecurity, googleSecuritySchemes } from '../google-keys.ts';
import { prefix, uploadPrefix } from './addresses.ts';
import { generateBodySchema } from './request/generate-body.ts';
import { predictBodySchema } from './request/to-predict-order.ts';

const modelPath = z.object({ model: z.string() });
const tags = ['Gemini'];

const generate = (operationId: string, summary: string): ZodOpenApiOperationObject => ({
  operationId,
  tags,
  security: googleSecurity,
  summary,
  requestParams: { path: modelPath },
  requestBody: { content: json(generateBodySchema) },
  responses: { 200: { description: 'A `GenerateContentResponse`, as Google documents it.' } },
});

/** This wire's part of the document. Google documents the dialect; docs/clients/gemini-native.md has what differs. */
export const geminiPart: OpenApiPart = {
  tags,
  securitySchemes: googleSecuritySchemes,
  paths: {
    [`${prefix}/models/{model}:generateContent`]: {
      post: generate('geminiGenerateContent', 'Make a picture, and wait for it'),
    },
    [`${prefix}/models/{model}:streamGenerateContent`]: {
      post: generate('geminiStreamGenerateContent', 'Make a picture, and wait for it in a stream'),
    },
    [`${prefix}/models/{model}:countTokens`]: {
      post: {
        operationId: 'geminiCountTokens',
        tags,
        security: googleSecurity,
        summary: 'Estimate the tokens of a conversation',
        requestParams: { path: modelPath },
        responses: { 200: { description: 'The estimate of this service.' } },
      },
    },
    [`${prefix}/models/{model}:predict`]: {
      post: {
        operationId: 'geminiPredict',
        tags,
        security: googleSecurity,
        summary: 'Make a picture from a prompt, as clients of Imagen do',
        requestParams: { path: modelPath },
        requestBody: { content: json(predictBodySchema) },
        responses: { 200: { description: 'The pictures in base64, PNG unless another format was asked for.' } },
      },
    },
    [`${prefix}/models`]: {
      get: {
        operationId: 'geminiListModels',
        tags,
        security: googleSecurity,
        summary: 'List the models, in Google’s format',
        responses: { 200: { description: 'The models and the aliases.' } },
      },
    },
    [`${prefix}/models/{model}`]: {
      get: {
        operationId: 'geminiGetModel',
        tags,
        security: googleSecurity,
        summary: 'Read a model, in Google’s format',
        requestParams: { path: modelPath },
        responses: { 200: { description: 'The model.' } },
      },
    },
    [`${uploadPrefix}/files`]: {
      post: {
        operationId: 'geminiStartUpload',
        tags,
        security: googleSecurity,
        summary: 'Start the resumable upload of a picture',
        responses: { 200: { description: '`x-goog-upload-url` is the address for its bytes.' } },
      },
    },
    [`${prefix}/files/{file}`]: {
      get: {
        operationId: 'geminiGetFile',
        tags,
        security: googleSecurity,
        summary: 'Read a file: its type, its size and its address',
        requestParams: { path: z.object({ file: z.string() }) },
        responses: { 200: { description: 'The file.' } },
      },
      delete: {
        operationId: 'geminiDeleteFile',
        tags,
        security: googleSecurity,
        summary: 'Delete a file, whether a request uses it or not',
        requestParams: { path: z.object({ file: z.string() }) },
        responses: { 200: { description: 'It is gone.' } },
      },
    },
    [`${prefix}/operations/{id}`]: {
      get: {
        operationId: 'geminiGetOperation',
        tags,
        security: googleSecurity,
        summary: 'Poll a request that was made with `Prefer: respond-async`',
        requestParams: { path: z.object({ id: z.string() }) },
        responses: { 200: { description: 'The operation; `done` says whether it has ended.' } },
      },
    },
  },
};
