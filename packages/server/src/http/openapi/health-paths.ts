import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json } from './answers.ts';

const healthSchema = z.object({ status: z.string(), checks: z.record(z.string(), z.string()).optional() });

export const healthPaths: ZodOpenApiPathsObject = {
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
