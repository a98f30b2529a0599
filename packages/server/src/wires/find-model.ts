import { Problem } from '../core/problem.ts';
import { describeRetirement } from '../models/missing-model.ts';
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
  const quoted = JSON.stringify(name.slice(0, 100));
  const retirement = describeRetirement(models, name);
  const what = retirement === undefined ? `There is no model ${quoted}` : `The model ${quoted} ${retirement}`;
  throw new Problem('model_not_found', `${what}. Available models: ${names}.`);
}
