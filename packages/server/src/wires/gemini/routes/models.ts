import type { FastifyInstance } from 'fastify';
import type { ModelSpec } from '../../../models/model-spec.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import { findModel, listNamed } from '../models.ts';

/** `GET models` and `GET models/{m}`. */
export function registerModelRoutes(app: FastifyInstance, models: ModelRegistry): void {
  app.get('/models', async () => ({ models: listNamed(models).map(toModel) }));
  app.get<{ Params: { '*': string } }>('/models/*', async ({ params: { '*': name } }) =>
    toModel([name, findModel(models, name)]),
  );
}

function toModel([name, { id, displayName, briefDescription }]: readonly [string, ModelSpec]): object {
  return {
    name: `models/${name}`,
    baseModelId: id,
    version: '1',
    displayName,
    description: briefDescription,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens', 'predict'],
  };
}
