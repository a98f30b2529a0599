import type { Illustrate } from '@darkroom/sandbox';
import { type Config, ConfigError } from '../config/load-config.ts';
import type { AccountConfig, UpstreamConfig } from '../config/upstreams.ts';
import { serves, type Upstream } from '../core/upstreams.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { toService } from '../platform/services.ts';
import type { Provider } from '../providers/provider.ts';
import { composeModels, providers, sandboxProvider } from './providers.ts';

interface Around {
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Left out, the sandbox's own artist draws. */
  readonly illustrate?: Illustrate;
}

/** Who makes the pictures, and what has to run for that. */
export async function composeUpstreams({ upstreams }: Config, around: Around) {
  const composing = upstreams.map(async (upstream) => {
    const { model, services } = await composeUpstream(upstream, around);
    const { turnRules } = toProvider(upstream);
    return { member: { ...toUpstream(upstream), model, turnRules }, services };
  });
  const members = await Promise.all(composing);
  return { pool: members.map(({ member }) => member), services: members.flatMap(({ services }) => services) };
}

/** The upstream as the pool knows it: without its key, with all that its provider says of it. */
export function toUpstream(upstream: UpstreamConfig): Upstream {
  const provider = toProvider(upstream);
  const listed = upstream.kind === 'account' ? upstream.models : undefined;
  return {
    name: upstream.name,
    limits: upstream.limits,
    models: listed ?? provider.models.map(({ id }) => id),
    quotaTimeZone: provider.quotaTimeZone,
  };
}

/** Throws when settings name providers or models that do not exist; one message names them all, and no values. */
export function assertServable({ upstreams, modelAliases }: Pick<Config, 'upstreams' | 'modelAliases'>): void {
  const accounts = upstreams.flatMap((upstream) => (upstream.kind === 'account' ? [upstream] : []));
  const problems = accounts.flatMap((account, index) => findProblems(account, `DARKROOM_UPSTREAMS[${index}]`));
  problems.push(...findBadAliases(modelAliases));
  if (problems.length > 0) throw new ConfigError(problems);
}

function findBadAliases(aliases: Config['modelAliases']): readonly string[] {
  const ids = composeModels()
    .list()
    .map(({ id }) => id);
  return [...aliases].flatMap(([alias, id]) => {
    if (ids.includes(alias)) return [`DARKROOM_MODEL_ALIASES must not rename the model ${alias}`];
    return ids.includes(id) ? [] : [`DARKROOM_MODEL_ALIASES must give ${alias} one of the models: ${ids.join(', ')}`];
  });
}

function findProblems({ provider: name, models = [] }: AccountConfig, place: string): readonly string[] {
  const provider = providers.find((one) => one.name === name);
  if (!provider) return [`${place}.provider must be one of ${providers.map((one) => one.name).join(', ')}`];
  const ids = provider.models.map(({ id }) => id);
  return models.flatMap((id, index) =>
    ids.includes(id) ? [] : [`${place}.models[${index}] must be a model of ${name}: ${ids.join(', ')}`],
  );
}

/** The ids of the models that no upstream serves: their requests wait. */
export function findUnserved({ upstreams }: Pick<Config, 'upstreams'>): readonly string[] {
  const pool = upstreams.map(toUpstream);
  const ids = composeModels()
    .list()
    .map(({ id }) => id);
  return ids.filter((id) => !pool.some((upstream) => serves(upstream, id)));
}

function toProvider(upstream: UpstreamConfig): Provider {
  if (upstream.kind === 'sandbox') return sandboxProvider;
  const provider = providers.find(({ name }) => name === upstream.provider);
  if (!provider) throw new Error(`There is no provider ${upstream.provider}`);
  return provider;
}

/** The image model of one upstream: an account's, or the same client talking to the sandbox of this process. */
async function composeUpstream(upstream: UpstreamConfig, { spoolFolder, clock, logger, illustrate }: Around) {
  const provider = toProvider(upstream);
  if (upstream.kind === 'account') {
    const model = provider.connect(upstream, { clock });
    return { model, services: [toService(() => model.close())] };
  }
  const artist = illustrate && { illustrate };
  // Only who has no key needs it.
  const { createSandboxServer } = await import('@darkroom/sandbox');
  const sandbox = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder, logger, ...artist });
  const account = {
    // Read at every call: the sandbox knows its port only once it listens.
    get baseUrl() {
      return sandbox.url;
    },
    apiKey: 'key-of-the-built-in-sandbox',
    apiVersion: upstream.apiVersion,
  };
  const model = provider.connect(account, { clock });
  return { model, services: [sandbox, toService(() => model.close())] };
}

/** Resolves to a sentence about what is well with the upstream, or rejects with one. */
export async function checkUpstream(upstream: UpstreamConfig): Promise<string> {
  if (upstream.kind === 'sandbox')
    return upstream.isChosen
      ? 'the sandbox draws, as it was asked to'
      : 'the sandbox draws; with GEMINI_API_KEY pictures come from Google';
  const provider = toProvider(upstream);
  const member = toUpstream(upstream);
  const served = provider.models.filter(({ id }) => serves(member, id));
  const ids = [...new Set(served.map(({ upstreamId }) => upstreamId))];
  const model = provider.connect(upstream, { clock: systemClock });
  try {
    for (const id of ids) {
      const check = await model.check(id, AbortSignal.timeout(10_000));
      if (check.kind === 'failed') throw new Error(`${id}: ${check.failure.message}`);
    }
    return `${upstream.baseUrl ?? provider.name} takes the key and has ${ids.join(' and ')}`;
  } finally {
    await model.close();
  }
}
