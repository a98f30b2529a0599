import type { OpenApiPart } from '../../../http/openapi/document.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import { modelPrefix, queuePrefix } from '../prefixes.ts';
import { eventPaths } from './event-paths.ts';
import { modelPaths } from './model-paths.ts';
import { requestPaths } from './request-paths.ts';
import { webhookPaths } from './webhook-paths.ts';

/** The wire's part of the OpenAPI document. */
export function createQueuePart(models: ModelRegistry): OpenApiPart {
  return {
    tags: ['Requests', 'Webhooks', 'Models'],
    paths: {
      ...requestPaths(models),
      ...eventPaths,
      ...webhookPaths,
      ...modelPaths(queuePrefix, ''),
      ...modelPaths(modelPrefix, 'Short'),
    },
  };
}
