import { createHash } from 'node:crypto';
import { createTraceId } from '../../platform/ids.ts';

/** A place in a trace: what is done there belongs under this span. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
  /** Was it decided to record the trace? */
  readonly isSampled: boolean;
}

/** `traceparent` is well formed (`core/traceparent.ts`). */
export function toPlace(traceparent: string): TracePlace {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function toTraceparent({ traceId, spanId, isSampled }: TracePlace): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** A new span under the parent, or the first of a new trace. */
export function createPlace(parent: TracePlace | undefined): TracePlace {
  const spanId = createTraceId(8);
  return parent ? { ...parent, spanId } : { traceId: createTraceId(16), spanId, isSampled: true };
}

/** The id of the span of these facts: every process finds the same, and no row has to keep it. */
export function toSpanId(...facts: readonly (string | number)[]): string {
  return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 16);
}
