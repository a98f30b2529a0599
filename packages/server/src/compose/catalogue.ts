import type { Config } from '../config/load-config.ts';
import { createModelSpec, type ModelEntry } from '../models/create-model-spec.ts';
import { createModelRegistry, type ModelRegistry } from '../models/registry.ts';
import type { Provider } from '../providers/provider.ts';
import { configureModels } from './configured-models.ts';
import { providers, toProviders, toServedProviders } from './providers.ts';

export type CatalogueConfig = Pick<Config, 'models' | 'modelAliases' | 'upstreams' | 'role' | 'maxPromptCharacters'>;

/** The models that callers may name: those of the providers that have an upstream, with what the operator has changed. */
export function composeModels(config: CatalogueConfig): ModelRegistry {
  const { maxPromptCharacters } = config;
  const entries = toOffered(config);
  const offered = new Set(entries.map(({ provider }) => provider));
  const retired = providers.flatMap(({ name, retiredModels }) =>
    offered.has(name) ? Object.entries(retiredModels ?? {}) : [],
  );
  return createModelRegistry(
    entries.map((entry) => createModelSpec(entry, { maxPromptCharacters })),
    { aliases: toAliases(entries, config), retired: new Map(retired) },
  );
}

/** An API without keys knows no upstreams: its workers have them. */
function toOffered({ models, upstreams, role }: CatalogueConfig): readonly ModelEntry[] {
  const { entries } = configureModels(providers, models);
  if (role === 'api' && upstreams.every((upstream) => upstream.kind === 'sandbox' && !upstream.isChosen))
    return entries;
  const connected = upstreams.flatMap(toProviders);
  return entries.flatMap((entry) => {
    const serving = connected.filter((provider) => toServedProviders(provider).includes(entry.provider));
    return serving.length === 0 ? [] : toServedEntry(entry, serving);
  });
}

/** Without the batch tier where none of its providers makes batch jobs. */
function toServedEntry(entry: ModelEntry, serving: readonly Provider[]): ModelEntry {
  const { batch: price, ...tiers } = entry.prices.tiers ?? {};
  const why = serving.flatMap(({ noBatchJobs }) => noBatchJobs ?? []);
  if (price === undefined || why.length < serving.length) return entry;
  const [batch = ''] = why;
  return { ...entry, prices: { ...entry.prices, tiers }, tierRefusals: { batch } };
}

/** A later name wins: an operator's over a built-in one, those of `DARKROOM_MODEL_ALIASES` over all. */
function toAliases(entries: readonly ModelEntry[], { models, modelAliases }: CatalogueConfig) {
  const builtIn = entries.flatMap(({ id, aliases = [] }) => aliases.map((alias) => [alias, id] as const));
  const configured = models.flatMap(({ id, aliases = [] }) => aliases.map((alias) => [alias, id] as const));
  return new Map([...builtIn, ...configured, ...modelAliases]);
}

/** What is wrong with the operator's models and aliases, by place and never by value. */
export function findModelProblems({ models, modelAliases }: CatalogueConfig): readonly string[] {
  const { entries, problems } = configureModels(providers, models);
  const ids = entries.map(({ id }) => id);
  return [
    ...problems,
    ...findBadAliases(models, ids),
    ...findBadFallbacks(models, ids),
    ...findBadPairs(modelAliases, ids),
  ];
}

function findBadAliases(models: Config['models'], ids: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return models.flatMap(({ aliases = [] }, index) =>
    aliases.flatMap((alias, place) => {
      const isTwice = seen.has(alias);
      seen.add(alias);
      if (ids.includes(alias)) return [`DARKROOM_MODELS[${index}].aliases[${place}] must not be the id of a model`];
      return isTwice ? [`DARKROOM_MODELS[${index}].aliases[${place}] must be unique: another model has it`] : [];
    }),
  );
}

function findBadFallbacks(models: Config['models'], ids: readonly string[]): readonly string[] {
  return models.flatMap(({ id, fallback = [] }, index) =>
    fallback.flatMap(({ model }, place) => {
      const where = `DARKROOM_MODELS[${index}].fallback[${place}].model`;
      if (model === id) return [`${where} must be another model`];
      return ids.includes(model) ? [] : [`${where} must be one of the models: ${ids.join(', ')}`];
    }),
  );
}

function findBadPairs(aliases: Config['modelAliases'], ids: readonly string[]): readonly string[] {
  return [...aliases].flatMap(([alias, id]) => {
    if (ids.includes(alias)) return [`DARKROOM_MODEL_ALIASES must not rename the model ${alias}`];
    return ids.includes(id) ? [] : [`DARKROOM_MODEL_ALIASES must map ${alias} to one of the models: ${ids.join(', ')}`];
  });
}
