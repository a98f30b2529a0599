import type { FastifyInstance } from 'fastify';
import type { ModelSpec } from '../../../models/model-spec.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import { findModel } from '../../find-model.ts';

interface ModelRoute {
  Params: { id?: string; '*'?: string };
}

interface ListRoute {
  Querystring: { output_modalities?: string | readonly string[] };
}

/** `GET …/models` and `…/models/{id}`: the catalogue, and the operator's aliases as models of their own. */
export function registerModelRoutes(app: FastifyInstance, { models }: { readonly models: ModelRegistry }): void {
  app.get<ListRoute>('/models', async ({ query }) => {
    const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()];
    const isAsked = isForPictures(query.output_modalities);
    return { object: 'list', data: isAsked ? names.map((name) => toModel(name, findModel(models, name))) : [] };
  });

  // An id with slashes comes encoded, or as it is.
  for (const path of ['/models/:id', '/models/*'])
    app.get<ModelRoute>(path, async ({ params }) => {
      const id = params.id ?? params['*'] ?? '';
      return toModel(id, findModel(models, id));
    });
}

/** Clients of OpenRouter ask for the models that make pictures: all of these do. */
function isForPictures(modalities: string | readonly string[] = 'image'): boolean {
  return String(modalities)
    .split(',')
    .some((one) => ['image', 'all'].includes(one.trim().toLowerCase()));
}

function toModel(id: string, spec: ModelSpec) {
  return {
    id,
    object: 'model',
    // Models are not dated here.
    created: 0,
    owned_by: spec.provider,
    name: spec.displayName,
    description: spec.briefDescription,
    architecture: { input_modalities: ['text', 'image'], output_modalities: ['image'] },
  };
}
