import { Problem } from '../core/problem.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';

/**
 * The model that a client names. Where it knows none of this name, the part after the last slash counts: clients also write
 * `models/ID` and `google/ID`. Throws the `Problem` that lists the models.
 */
export function findModel(models: ModelRegistry, name: string): ModelSpec {
  const model = models.find(name) ?? models.find(name.slice(name.lastIndexOf('/') + 1));
  if (model) return model;
  const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()].join(', ');
  throw new Problem('model_not_found', `There is no model ${JSON.stringify(name.slice(0, 100))}. There are: ${names}.`);
}
