import { Problem } from '../../core/problem.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';

/** What a caller can name: the ids of the models, then the operator's aliases, each with its model. */
export function listNamed(models: ModelRegistry): readonly (readonly [name: string, spec: ModelSpec])[] {
  const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()];
  return names.flatMap((name) => {
    const spec = models.find(name);
    return spec ? [[name, spec] as const] : [];
  });
}

/** The model of this name. Throws a `Problem` that lists what there is. */
export function findModel(models: ModelRegistry, name: string): ModelSpec {
  const spec = models.find(name);
  if (spec) return spec;
  const names = listNamed(models).map(([known]) => known);
  throw new Problem('model_not_found', `models/${name.slice(0, 100)} is not found. There are: ${names.join(', ')}.`);
}
