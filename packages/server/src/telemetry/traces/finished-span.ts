import type { TracePlace } from './trace-place.ts';

/** A span that is over. Times are milliseconds since 1970. */
export interface FinishedSpan {
  readonly place: TracePlace;
  readonly parent: { readonly spanId: string; readonly isRemote: boolean } | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'client' | 'producer' | 'consumer';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Spans of the same trace that it follows from. */
  readonly links: readonly string[];
  /** The code of a failure. */
  readonly errorType: string | undefined;
}
