import type { Illustrate } from '@darkroom/sandbox';
import { type Config, ConfigError } from '../config/load-config.ts';
import type { AccountConfig, SandboxConfig, UpstreamConfig } from '../config/upstreams.ts';
import { serves, type Upstream } from '../core/upstreams.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Proxies } from '../outbound/proxies.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { toService } from '../platform/services.ts';
import type { BatchingModel } from '../providers/batch-model.ts';
import type { ConnectedModel, Provider } from '../providers/provider.ts';
import { observeGenerate } from '../telemetry/observe-calls.ts';
import type { Observer } from '../telemetry/observer.ts';
import type { PoolMember } from '../worker/connection.ts';
import { type CatalogueConfig, composeModels, findModelProblems } from './catalogue.ts';
import { getProvider, providers, toProviders, toServedProviders } from './providers.ts';

interface Around {
  readonly models: ModelRegistry;
  readonly spoolFolder: string;
  readonly proxies: Proxies;
  readonly observer: Pick<Observer, 'answerBegun'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Left out, the sandbox's own artist draws. */
  readonly illustrate?: Illustrate;
}

/** Who makes the pictures, and what has to run for that. */
export async function composeUpstreams({ upstreams }: Config, around: Around) {
  const composing = upstreams.map(async (upstream) => {
    const { connection, services } = await composeUpstream(upstream, around);
    return { member: { ...toUpstream(upstream, around.models), ...connection }, services };
  });
  const members = await Promise.all(composing);
  return { pool: members.map(({ member }) => member), services: members.flatMap(({ services }) => services) };
}

/** The upstream as the pool knows it: without its key, with all that its provider says of it. */
export function toUpstream(upstream: UpstreamConfig, models: ModelRegistry): Upstream {
  const { models: listed, order = 0, buckets }: Chosen = upstream.kind === 'account' ? upstream : {};
  return {
    name: upstream.name,
    limits: upstream.limits,
    ...(order !== 0 && { order }),
    ...(buckets && { buckets }),
    models: listed ?? toIds(models, toProviders(upstream)),
    quotaTimeZone: getProvider(upstream).quotaTimeZone,
  };
}

/** What the operator chose for an account. */
type Chosen = Pick<Partial<AccountConfig>, 'models' | 'order' | 'buckets'>;

/** Throws when settings name providers or models that do not exist; one message names them all, and no values. */
export function assertServable(config: CatalogueConfig): void {
  const models = composeModels(config);
  const accounts = config.upstreams.flatMap((upstream) => (upstream.kind === 'account' ? [upstream] : []));
  const problems = accounts.flatMap((account, index) =>
    findProblems(account, { models, place: `DARKROOM_UPSTREAMS[${index}]` }),
  );
  problems.push(...findModelProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
}

function findProblems(
  { provider: name, models: listed = [] }: AccountConfig,
  { models, place }: { readonly models: ModelRegistry; readonly place: string },
): readonly string[] {
  const provider = providers.find((one) => one.name === name);
  if (!provider) return [`${place}.provider must be one of ${providers.map((one) => one.name).join(', ')}`];
  const ids = toIds(models, [provider]);
  return listed.flatMap((id, index) =>
    ids.includes(id) ? [] : [`${place}.models[${index}] must be a model of ${name}: ${ids.join(', ')}`],
  );
}

/** The ids of the models that no upstream serves, nor a stand-in: their requests wait. */
export function findUnserved({ upstreams }: Pick<Config, 'upstreams'>, models: ModelRegistry): readonly string[] {
  const pool = upstreams.map((upstream) => toUpstream(upstream, models));
  const isServed = (id: string) => pool.some((upstream) => serves(upstream, id));
  const isHelped = ({ fallback = [] }: ModelSpec) =>
    fallback.some(({ model, when }) => when.includes('resting') && isServed(model));
  return models.all().flatMap((model) => (isServed(model.id) || isHelped(model) ? [] : [model.id]));
}

/** The models that an upstream which speaks the APIs of these providers can serve. */
function toIds(models: ModelRegistry, spoken: readonly Provider[]): readonly string[] {
  const names = spoken.flatMap(toServedProviders);
  return models.all().flatMap((model) => (names.includes(model.provider) ? [model.id] : []));
}

interface Composed {
  readonly connection: Omit<PoolMember, keyof Upstream>;
  readonly services: readonly Service[];
}

/** How an account is called, or the same clients talking to the sandbox of this process. */
async function composeUpstream(upstream: UpstreamConfig, around: Around): Promise<Composed> {
  if (upstream.kind === 'sandbox') return composeSandbox(upstream, around);
  const { clock, proxies, observer } = around;
  const provider = getProvider(upstream);
  const model = provider.connect(upstream, { clock, proxies });
  const { buckets } = upstream;
  const turnRules = { ...provider.turnRules, ...(buckets && { buckets }) };
  const observed = toObserved(model, upstream.name, observer);
  return { connection: { model: observed, turnRules }, services: [toService(() => model.close())] };
}

async function composeSandbox(
  upstream: SandboxConfig,
  { spoolFolder, observer, clock, logger, illustrate }: Around,
): Promise<Composed> {
  const artist = illustrate && { illustrate };
  // Only who has no key needs it.
  const { createSandboxServer } = await import('@darkroom/sandbox');
  const sandbox = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder, logger, ...artist });
  const connections = toProviders(upstream).map((provider) => {
    const account = {
      // Read at every call: the sandbox knows its port only once it listens.
      get baseUrl() {
        return `${sandbox.url}${provider.sandboxPath ?? ''}`;
      },
      apiKey: 'key-of-the-built-in-sandbox',
      apiVersion: upstream.apiVersion,
    };
    const connected = provider.connect(account, { clock });
    const model = toObserved(connected, upstream.name, observer);
    return { provider, connected, model, turnRules: provider.turnRules };
  });
  const [first, ...others] = connections;
  if (!first) throw new Error('The sandbox speaks no API');
  const byProvider = new Map(others.map((connection) => [connection.provider.name, connection]));
  const closing = connections.map(({ connected }) => toService(() => connected.close()));
  const { model, turnRules } = first;
  return { connection: { model, turnRules, byProvider }, services: [sandbox, ...closing] };
}

function toObserved(model: ConnectedModel, upstream: string, observer: Around['observer']): BatchingModel {
  return {
    generate: observeGenerate(model, upstream, observer),
    check: (upstreamModel, signal) => model.check(upstreamModel, signal),
    batches: model.batches,
  };
}
