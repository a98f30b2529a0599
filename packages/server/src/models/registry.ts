import type { ModelSpec } from './model-spec.ts';

/** The models that this service offers. */
export interface ModelRegistry {
  /** The model of this public id or alias; both are case-sensitive. */
  find(name: string): ModelSpec | undefined;
  /** In the order in which callers are shown them. */
  list(): readonly ModelSpec[];
  /** The ids of models, by other names that callers may use. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** Throws when two specs have the same id. */
export function createModelRegistry(
  specs: readonly ModelSpec[],
  aliases: ReadonlyMap<string, string> = new Map(),
): ModelRegistry {
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  if (byId.size < specs.length) throw new Error(`Two models have the same id: ${findTwice(specs)}`);
  return { find: (name) => byId.get(name) ?? byId.get(aliases.get(name) ?? ''), list: () => specs, aliases };
}

function findTwice(specs: readonly ModelSpec[]): string | undefined {
  return specs.map(({ id }) => id).find((id, index, ids) => ids.indexOf(id) !== index);
}

/** The upstream's id of every model, by its public id. */
export function toUpstreamIds(models: ModelRegistry): ReadonlyMap<string, string> {
  return new Map(models.list().map(({ id, upstreamId }) => [id, upstreamId]));
}
