import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { json, refusals } from './answers.ts';

const healthSchema = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.string()).optional(),
  damage: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: 'How often this process has met damaged pages of the database and lost pictures.' }),
});

export const healthPaths: ZodOpenApiPathsObject = {
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['Health'],
      summary: 'Check whether the process answers',
      security: [],
      responses: { 200: { description: 'It answers.', content: json(healthSchema) } },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['Health'],
      summary: 'Check whether requests can be accepted and stored',
      security: [],
      responses: {
        200: { description: 'They can.', content: json(healthSchema) },
        503: { description: 'They cannot; `checks` says why.', content: json(healthSchema) },
      },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      tags: ['Health'],
      summary: 'The metrics of this process, for Prometheus; with an admin key',
      responses: {
        200: {
          description: 'Metrics in the text format of Prometheus.',
          content: { 'text/plain': { schema: z.string() } },
        },
        ...refusals('unauthorized', 'admin_required'),
      },
    },
  },
};
