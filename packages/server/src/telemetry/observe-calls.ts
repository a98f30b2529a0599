import type { FailureCode } from '../core/failures.ts';
import type { ImageModel } from '../providers/image-model.ts';
import type { ObservedFetch, Observer } from './observer.ts';

/** The same call of an upstream, of whose answer an observer hears when it begins. How calls end, it hears from the stores. */
export function observeGenerate(
  model: Pick<ImageModel, 'generate'>,
  upstream: string,
  observer: Pick<Observer, 'answerBegun'>,
): ImageModel['generate'] {
  return (call, signal) => {
    const startedAt = performance.now();
    const onAnswer = () =>
      observer.answerBegun({ upstream, model: call.upstreamModel, ms: performance.now() - startedAt });
    return model.generate({ ...call, onAnswer }, signal);
  };
}

type FetchedFacts = { readonly kind: 'fetched' } | { readonly kind: 'failed'; readonly code?: FailureCode };

/** The same download of a reference, of which an observer hears when it is over. */
export function observeFetch<Options extends { readonly signal: AbortSignal }, Fetched extends FetchedFacts>(
  fetch: (url: string, options: Options) => Promise<Fetched>,
  observer: Pick<Observer, 'referenceFetched'>,
): (url: string, options: Options) => Promise<Fetched> {
  return async (url, options) => {
    const startedAt = performance.now();
    const tell = (outcome: ObservedFetch['outcome']) =>
      observer.referenceFetched({ outcome, ms: performance.now() - startedAt });
    try {
      const fetched = await fetch(url, options);
      tell(toOutcome(fetched));
      return fetched;
    } catch (error) {
      tell(options.signal.aborted ? 'aborted' : 'broken');
      throw error;
    }
  };
}

function toOutcome(fetched: FetchedFacts): ObservedFetch['outcome'] {
  if (fetched.kind === 'fetched') return 'fetched';
  return fetched.code === 'reference_busy' ? 'busy' : 'unavailable';
}
