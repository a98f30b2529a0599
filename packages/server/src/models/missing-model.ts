import { Problem } from '../core/problem.ts';
import type { ModelRegistry } from './registry.ts';

/**
 * What became of a model that its provider has ended, as the end of a sentence that begins with its name. Clients also write
 * `models/ID` and `OWNER/ID`. `undefined`: nothing is known of this name.
 */
export function describeRetirement({ retired }: Pick<ModelRegistry, 'retired'>, name: string): string | undefined {
  const retirement = retired.get(name) ?? retired.get(name.slice(name.lastIndexOf('/') + 1));
  if (!retirement) return undefined;
  const { on, replacement } = retirement;
  return `was retired by its provider on ${on}${replacement === undefined ? '' : `: call ${replacement} instead`}`;
}

/** The refusal of a model that is not offered, in the words of the contract; its details say what a retired one is replaced by. */
export function createMissingModelProblem(models: ModelRegistry, name: string): Problem {
  const message = describeRetirement(models, name);
  return new Problem('model_not_found', 'Model not found', message ? { details: [{ path: 'model', message }] } : {});
}
