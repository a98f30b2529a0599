import type { ModelList } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { createMissingModelProblem } from '../../../models/missing-model.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import { toModelDetail } from '../records/model-detail.ts';

/** The models; the wire serves it under two prefixes. */
export function registerModelRoutes(app: FastifyInstance, { models }: { readonly models: ModelRegistry }): void {
  app.get('/models', async ({ caller }): Promise<ModelList> => {
    return {
      model_ids: models.list().map(({ id }) => id),
      models: models.list().map((model) => toModelDetail(model, caller.organizationId)),
    };
  });

  app.get<{ Params: { id: string } }>('/models/:id', async (request) => {
    const model = models.find(request.params.id);
    if (!model) throw createMissingModelProblem(models, request.params.id);
    return toModelDetail(model, request.caller.organizationId);
  });
}
