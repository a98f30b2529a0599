import type { Config } from '../config/load-config.ts';
import { createModelSpec } from '../models/create-model-spec.ts';
import { createModelRegistry, type ModelRegistry } from '../models/registry.ts';
import { googleProvider } from '../providers/google/google-provider.ts';
import type { Provider } from '../providers/provider.ts';

/** The one list of vendors: a folder of `providers/` is part of the server when its object stands here. */
export const providers: readonly Provider[] = [googleProvider];

/** Whose API the built-in sandbox speaks. */
export const sandboxProvider = googleProvider;

/** The models of all providers. */
export function composeModels({ modelAliases }: Partial<Pick<Config, 'modelAliases'>> = {}): ModelRegistry {
  return createModelRegistry(
    providers.flatMap(({ models }) => models.map(createModelSpec)),
    modelAliases,
  );
}
