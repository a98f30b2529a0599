import { createDocument } from 'zod-openapi';
import { adminPaths } from '../admin/openapi/admin-paths.ts';
import { keyPaths } from '../admin/openapi/key-paths.ts';
import type { ModelRegistry } from '../models/registry.ts';
import { eventPaths } from '../wires/queue/openapi/event-paths.ts';
import { modelPaths } from '../wires/queue/openapi/model-paths.ts';
import { requestPaths } from '../wires/queue/openapi/request-paths.ts';
import { webhookPaths } from '../wires/queue/openapi/webhook-paths.ts';
import { healthPaths } from './openapi/health-paths.ts';
import { mediaPaths, uploadPaths } from './openapi/picture-paths.ts';
import { modelPrefix, wirePrefix } from './prefixes.ts';

/** The OpenAPI document of every route, made from the schemas that check the calls. */
export function createOpenApiDocument(models: ModelRegistry): ReturnType<typeof createDocument> {
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
    tags: [
      { name: 'Requests' },
      { name: 'Webhooks' },
      { name: 'Models' },
      { name: 'Uploads' },
      { name: 'Media' },
      { name: 'Keys' },
      { name: 'Operator' },
      { name: 'Health' },
    ],
    paths: {
      ...requestPaths(models),
      ...eventPaths,
      ...webhookPaths,
      ...modelPaths(wirePrefix, ''),
      ...modelPaths(modelPrefix, 'Short'),
      ...uploadPaths,
      ...mediaPaths,
      ...keyPaths,
      ...adminPaths,
      ...healthPaths,
    },
  });
}
