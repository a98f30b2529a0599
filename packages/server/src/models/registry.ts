import { toLane, waitingTiers } from '../core/service-tiers.ts';
import type { ModelSpec, Retirement } from './model-spec.ts';

/** The models that this service offers. */
export interface ModelRegistry {
  /** The model of this public id or alias, hidden or not; both are case-sensitive. */
  find(name: string): ModelSpec | undefined;
  /** In the order in which callers are shown them; hidden ones are left out. */
  list(): readonly ModelSpec[];
  /** The hidden ones too. */
  all(): readonly ModelSpec[];
  /** The ids of models, by other names that callers may use. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Ids that callers may still use, and what their upstream has put in the place of these models. */
  readonly retired: ReadonlyMap<string, Retirement>;
}

/** What leads to models beside their ids. */
export interface OtherNames {
  readonly aliases?: ReadonlyMap<string, string>;
  readonly retired?: ReadonlyMap<string, Retirement>;
}

/** Throws when two specs have the same id. */
export function createModelRegistry(
  specs: readonly ModelSpec[],
  { aliases = new Map(), retired = new Map() }: OtherNames = {},
): ModelRegistry {
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  if (byId.size < specs.length) throw new Error(`Two models have the same id: ${findTwice(specs)}`);
  const listed = specs.filter(({ isHidden }) => !isHidden);
  return {
    find: (name) => byId.get(name) ?? byId.get(aliases.get(name) ?? ''),
    list: () => listed,
    all: () => specs,
    aliases,
    retired,
  };
}

function findTwice(specs: readonly ModelSpec[]): string | undefined {
  return specs.map(({ id }) => id).find((id, index, ids) => ids.indexOf(id) !== index);
}

/** The upstream's id of every model, by its public id. */
export function toUpstreamIds(models: ModelRegistry): ReadonlyMap<string, string> {
  return new Map(models.all().map(({ id, upstreamId }) => [id, upstreamId]));
}

/** The same, with the lanes of the tiers that models have: the upstream's lane of every lane. */
export function toUpstreamLanes(models: ModelRegistry): ReadonlyMap<string, string> {
  const waiting = models
    .all()
    .flatMap(({ id, upstreamId, prices: { tiers = {} } }) =>
      waitingTiers.flatMap((tier) =>
        tiers[tier] === undefined ? [] : [[toLane(id, tier), toLane(upstreamId, tier)] as const],
      ),
    );
  return new Map([...toUpstreamIds(models), ...waiting]);
}
