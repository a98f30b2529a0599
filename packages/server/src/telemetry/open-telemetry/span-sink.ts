import {
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { version } from '../../platform/version.ts';
import type { FinishedSpan } from '../traces/finished-span.ts';

interface SpanSinkOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Resource;
}

export interface SpanSink {
  add(span: FinishedSpan): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Sends spans in batches. When the collector is away, the oldest 2,048 wait and later ones are dropped. */
export function createSpanSink({ url, headers, resource }: SpanSinkOptions): SpanSink {
  const ids = new GivenIds();
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers } });
  const provider = new TracerProvider({
    resource,
    idGenerator: ids,
    // Spans of traces that are not recorded do not come here.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('darkroom', version);
  return {
    add: (span) => {
      ids.next = span.place;
      const { name, attributes, startedAt: startTime } = span;
      const links = span.links.map((spanId) => ({ context: toSpanContext(span, { spanId, isRemote: true }) }));
      const kind = kinds[span.kind];
      const started = tracer.startSpan(
        name,
        { kind, attributes: toMutable(attributes), startTime, links },
        toContext(span),
      );
      if (span.errorType !== undefined) {
        started.setAttribute('error.type', span.errorType);
        started.setStatus({ code: SpanStatusCode.ERROR });
      }
      started.end(Math.max(startTime, span.endedAt));
    },
    close: () => provider.shutdown(),
  };
}

const kinds = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** The SDK makes ids at random; ours follow from facts. Spans are made one after the other, each with the ids that were set before. */
class GivenIds {
  next = { traceId: '', spanId: '' };

  generateTraceId(): string {
    return this.next.traceId;
  }

  generateSpanId(): string {
    return this.next.spanId;
  }
}

function toContext(span: FinishedSpan): Context {
  return span.parent ? trace.setSpanContext(ROOT_CONTEXT, toSpanContext(span, span.parent)) : ROOT_CONTEXT;
}

function toSpanContext(
  { place: { traceId } }: FinishedSpan,
  { spanId, isRemote }: { readonly spanId: string; readonly isRemote: boolean },
): SpanContext {
  return { traceId, spanId, isRemote, traceFlags: TraceFlags.SAMPLED };
}

function toMutable(attributes: FinishedSpan['attributes']) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  );
}
