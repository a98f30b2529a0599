import type { FastifyInstance } from 'fastify';
import type { ModelSpec } from '../../../models/model-spec.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import { findModel } from '../../find-model.ts';

/** `GET models` and `GET models/{m}`. */
export function registerModelRoutes(app: FastifyInstance, models: ModelRegistry): void {
  app.get('/models', async () => ({ models: listNamed(models).map(toModel) }));
  app.get<{ Params: { '*': string } }>('/models/*', async ({ params: { '*': name } }) =>
    toModel([name, findModel(models, name)]),
  );
}

/** What a caller can name: the ids of the models, then the operator's aliases, each with its model. */
function listNamed(models: ModelRegistry): readonly (readonly [name: string, spec: ModelSpec])[] {
  const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()];
  return names.flatMap((name) => {
    const spec = models.find(name);
    return spec ? [[name, spec] as const] : [];
  });
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
