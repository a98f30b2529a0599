import type { Claim } from '../store/request-store.ts';
import type { ObservedCall } from './observer.ts';

/** What is known of an upstream. */
export interface KnownUpstream {
  /** By the GenAI conventions. */
  readonly provider: string;
  /** Where it is called, if that is configured. */
  readonly address?: { readonly host: string; readonly port: number };
}

export interface Catalogue {
  readonly upstreams: ReadonlyMap<string, KnownUpstream>;
  /** The upstream's id of a model. */
  readonly upstreamIdOf: (model: string) => string | undefined;
}

/** The conventions have no operation for pictures; this is the one for content of several kinds. */
export const genAiOperation = 'generate_content';

/** What the GenAI conventions say of a call, in its span and its metrics: https://github.com/open-telemetry/semantic-conventions-genai. */
export function toGenAiFacts({ claim, end: { modelVersion, usage } }: ObservedCall, catalogue: Catalogue) {
  const upstream = catalogue.upstreams.get(claim.upstream);
  const called = toCalledModel(claim);
  return {
    provider: upstream?.provider ?? '_OTHER',
    address: upstream?.address,
    model: catalogue.upstreamIdOf(called) ?? called,
    answeredBy: modelVersion,
    tokens: usage && {
      input: usage.promptTokens,
      output: usage.imageTokens + usage.textTokens + usage.thoughtTokens,
    },
  };
}

/** Why a call has brought no picture; `undefined`: it has brought one. */
export function toErrorType({ end: { failure, result } }: ObservedCall): string | undefined {
  return failure?.code ?? (result === 'succeeded' ? undefined : result);
}

/** The model that was called, by its public id. */
export function toCalledModel({ standIn, request }: Pick<Claim, 'standIn' | 'request'>): string {
  return standIn?.model ?? request.model;
}
