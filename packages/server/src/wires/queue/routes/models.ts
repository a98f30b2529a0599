import type { ModelList } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { findModel, listModels } from '../../../core/catalogue.ts';
import { Problem } from '../../../http/problem.ts';
import { toModelDetail } from '../records/model-detail.ts';

/** The catalogue; the wire serves it under two prefixes. */
export function registerModelRoutes(app: FastifyInstance): void {
  app.get('/models', async ({ caller }): Promise<ModelList> => {
    const models = listModels();
    return {
      model_ids: models.map(({ id }) => id),
      models: models.map((model) => toModelDetail(model, caller.organizationId)),
    };
  });

  app.get<{ Params: { id: string } }>('/models/:id', async (request) => {
    const model = findModel(request.params.id);
    if (!model) throw new Problem('model_not_found', 'Model not found');
    return toModelDetail(model, request.caller.organizationId);
  });
}
