import { createModelRegistry, type ModelRegistry } from '../models/registry.ts';
import { googleModels } from '../providers/google/models.ts';

/** The models of all providers. */
export function composeModels(): ModelRegistry {
  return createModelRegistry(googleModels);
}
