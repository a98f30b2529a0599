import type { Config } from '../config/load-config.ts';
import type { AccountConfig, UpstreamConfig } from '../config/upstreams.ts';
import { serves } from '../core/upstreams.ts';
import type { ModelRegistry } from '../models/registry.ts';
import { Proxies } from '../outbound/proxies.ts';
import { systemClock } from '../platform/clock.ts';
import { getProvider } from './providers.ts';
import { toUpstream } from './upstreams.ts';

/** What an upstream says of one of the models that it is to serve. */
export interface ServedModel {
  /** The provider's id. */
  readonly upstreamId: string;
  /** The public ids of the same model. */
  readonly ids: readonly string[];
  /** Why the upstream does not have it. */
  readonly lack?: string;
}

/** What is well with an upstream, as a sentence, and which models it lacks. */
export interface CheckedUpstream {
  readonly text: string;
  readonly lacking: readonly ServedModel[];
}

interface CheckAround {
  readonly models: ModelRegistry;
  readonly proxies: Config['proxies'];
}

/** Rejects with a sentence when the upstream cannot be reached, does not take the key or has none of its models. */
export async function checkUpstream(upstream: UpstreamConfig, around: CheckAround): Promise<CheckedUpstream> {
  if (upstream.kind === 'sandbox') return { text: toSandboxText(upstream.isChosen), lacking: [] };
  const served = await askForModels(upstream, around);
  const lacking = served.filter(({ lack }) => lack !== undefined);
  const [first] = lacking;
  if (first && lacking.length === served.length) throw new Error(`${first.upstreamId}: ${first.lack}`);
  const ids = served.flatMap(({ upstreamId, lack }) => (lack === undefined ? [upstreamId] : []));
  return { text: `${upstream.baseUrl ?? upstream.provider} takes the key and has ${ids.join(' and ')}`, lacking };
}

function toSandboxText(isChosen: boolean): string {
  return isChosen
    ? 'the sandbox draws the pictures, as configured'
    : 'the sandbox draws the pictures; with GEMINI_API_KEY they come from Google';
}

/**
 * Asks the account for each model that it serves, by the provider's own call, which makes no picture. Rejects when the answer is
 * about more than one model: the connection, the key.
 */
export async function askForModels(
  account: AccountConfig,
  { models, proxies }: CheckAround,
): Promise<readonly ServedModel[]> {
  const member = toUpstream(account, models);
  const served = Map.groupBy(
    models.all().filter(({ id }) => serves(member, id)),
    ({ upstreamId }) => upstreamId,
  );
  const model = getProvider(account).connect(account, { clock: systemClock, proxies: new Proxies(proxies) });
  try {
    const answers: ServedModel[] = [];
    for (const [upstreamId, specs] of served) {
      const check = await model.check(upstreamId, AbortSignal.timeout(checkMs));
      const ids = specs.map(({ id }) => id);
      if (check.kind === 'ready') answers.push({ upstreamId, ids });
      else if (check.failure.code !== 'upstream_model_unavailable') throw new Error(check.failure.message);
      else answers.push({ upstreamId, ids, lack: check.failure.message });
    }
    return answers;
  } finally {
    await model.close();
  }
}

const checkMs = 10_000;
