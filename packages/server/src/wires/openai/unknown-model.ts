import { Problem } from '../../core/problem.ts';
import type { ModelRegistry } from '../../models/registry.ts';

/** The refusal of a model that does not exist, which names those that do. */
export function createUnknownModel(models: ModelRegistry, name: string): Problem {
  const names = [...models.list().map(({ id }) => id), ...models.aliases.keys()].join(', ');
  return new Problem('model_not_found', `The model ${name.slice(0, 100)} does not exist. There are: ${names}.`);
}
