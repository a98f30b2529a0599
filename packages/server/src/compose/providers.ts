import type { UpstreamConfig } from '../config/upstreams.ts';
import { googleProvider } from '../providers/google/google-provider.ts';
import { vertexProvider } from '../providers/google/vertex/vertex-provider.ts';
import { openaiProvider } from '../providers/openai/openai-provider.ts';
import type { Provider } from '../providers/provider.ts';

/** The one list of vendors: a folder of `providers/` is part of the server when its object stands here. */
export const providers: readonly Provider[] = [googleProvider, vertexProvider, openaiProvider];

/** Whose API the built-in sandbox speaks. */
const sandboxProvider = googleProvider;

/** `undefined`: there is no provider of this name. */
export function toProvider(upstream: UpstreamConfig): Provider | undefined {
  return upstream.kind === 'sandbox' ? sandboxProvider : providers.find(({ name }) => name === upstream.provider);
}

/** For settings that were checked (`assertServable`). */
export function getProvider(upstream: UpstreamConfig): Provider {
  const provider = toProvider(upstream);
  if (!provider) throw new Error(`The upstream ${upstream.name} is of no provider`);
  return provider;
}

/** The names of the providers whose models the upstreams of this one can serve. */
export function toServedProviders({ name, servesModelsOf }: Provider): readonly string[] {
  return servesModelsOf === undefined ? [name] : [name, servesModelsOf];
}
