import type { UpstreamConfig } from '../config/upstreams.ts';
import { googleProvider } from '../providers/google/google-provider.ts';
import { vertexProvider } from '../providers/google/vertex/vertex-provider.ts';
import { openaiProvider } from '../providers/openai/openai-provider.ts';
import type { Provider } from '../providers/provider.ts';

/** The one list of vendors: a folder of `providers/` is part of the server when its object stands here. */
export const providers: readonly Provider[] = [googleProvider, vertexProvider, openaiProvider];

/** Whose APIs the built-in sandbox speaks. The first one's models come first, and its quota day counts. */
const sandboxProviders: readonly [Provider, ...Provider[]] = [googleProvider, openaiProvider];

/** The providers whose APIs an upstream speaks: an account's one, the sandbox's two. Empty: there is no provider of this name. */
export function toProviders(upstream: UpstreamConfig): readonly Provider[] {
  return upstream.kind === 'sandbox' ? sandboxProviders : providers.filter(({ name }) => name === upstream.provider);
}

/** The first of them, for settings that were checked (`assertServable`). */
export function getProvider(upstream: UpstreamConfig): Provider {
  const [provider] = toProviders(upstream);
  if (!provider) throw new Error(`The upstream ${upstream.name} is of no provider`);
  return provider;
}

/** The names of the providers whose models the upstreams of this one can serve. */
export function toServedProviders({ name, servesModelsOf }: Provider): readonly string[] {
  return servesModelsOf === undefined ? [name] : [name, servesModelsOf];
}
