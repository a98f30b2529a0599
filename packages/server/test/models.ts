import { createModelSpec } from '../src/models/create-model-spec.ts';
import { createModelRegistry } from '../src/models/registry.ts';
import { googleModels } from '../src/providers/google/models.ts';

/** The models of a server as it ships. */
export const models = createModelRegistry(googleModels.map((entry) => createModelSpec(entry)));
