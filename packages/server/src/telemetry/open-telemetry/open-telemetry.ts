import { DiagLogLevel, diag } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Logger } from '../../platform/logger.ts';
import type { Service } from '../../platform/service.ts';
import { version } from '../../platform/version.ts';
import type { Family } from '../metrics/registry.ts';
import type { FinishedSpan } from '../traces/finished-span.ts';
import { createMetricSink } from './metric-sink.ts';
import { createSpanSink } from './span-sink.ts';

/** Where telemetry goes, as JSON over HTTP. */
export interface OtlpOptions {
  /** `undefined`: no traces are sent. */
  readonly tracesUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  /** Secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly metricsEveryMs: number;
}

interface Around {
  /** Distinguishes this process. */
  readonly instanceId: string;
  readonly readMetrics: () => Promise<readonly Family[]>;
  readonly logger: Logger;
}

export interface OpenTelemetry extends Service {
  readonly addSpan: (span: FinishedSpan) => void;
}

/** The only folder that knows the OpenTelemetry SDK; it is loaded only where a collector is configured. */
export function createOpenTelemetry(options: OtlpOptions, { instanceId, readMetrics, logger }: Around): OpenTelemetry {
  reportTroubles(logger);
  const { tracesUrl, metricsUrl, headers, serviceName, attributes, metricsEveryMs } = options;
  const resource = resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': instanceId,
    ...attributes,
  });
  const spans = tracesUrl === undefined ? undefined : createSpanSink({ url: tracesUrl, headers, resource });
  const metrics =
    metricsUrl === undefined
      ? undefined
      : createMetricSink({ url: metricsUrl, headers, resource, intervalMs: metricsEveryMs, read: readMetrics });
  return {
    addSpan: (span) => spans?.add(span),
    start: async () => undefined,
    // A collector that is away must keep nobody from stopping.
    stop: async () => void (await Promise.allSettled([spans?.close(), metrics?.close()])),
  };
}

/** Only the SDK's own words, without what it adds: that may hold an answer of the collector or a header. */
function reportTroubles(logger: Logger): void {
  const report = (message: string) => logger.warn({ event: 'telemetry.unsent', reason: message.slice(0, 200) });
  const silent = () => undefined;
  diag.setLogger(
    { error: report, warn: report, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
