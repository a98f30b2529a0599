import os from 'node:os';
import type { Config } from '../config/load-config.ts';
import { configuredKeyId } from '../http/auth.ts';
import type { ObserveCall } from '../http/observe-calls.ts';
import type { MetricsSource } from '../http/routes/metrics.ts';
import { type ModelRegistry, toUpstreamLanes } from '../models/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { version } from '../platform/version.ts';
import type { NewRequest } from '../store/request-store.ts';
import type { Store } from '../store/store.ts';
import { defineMetrics, type Metrics } from '../telemetry/metrics/definitions.ts';
import { expositionType } from '../telemetry/metrics/exposition.ts';
import { KeyNames } from '../telemetry/metrics/key-names.ts';
import { createMachineGauges } from '../telemetry/metrics/machine-gauges.ts';
import { Measurements } from '../telemetry/metrics/measurements.ts';
import { createMetricsObserver } from '../telemetry/metrics/metrics-observer.ts';
import { Registry } from '../telemetry/metrics/registry.ts';
import { measureStore } from '../telemetry/metrics/store-gauges.ts';
import { observeStores } from '../telemetry/observe-stores.ts';
import { combineObservers } from '../telemetry/observer.ts';
import { createRequestLog } from '../telemetry/request-log.ts';
import { createRequestTracer, type RequestTracer, type TracedUpstream } from '../telemetry/traces/trace-observer.ts';
import { getProvider } from './providers.ts';
import { toUpstream } from './upstreams.ts';

interface Around {
  readonly store: Store;
  readonly models: ModelRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Telemetry {
  /** The store whose writes are observed. */
  readonly store: Store;
  readonly observeCall: ObserveCall;
  readonly metricsSource: MetricsSource;
  readonly traceTry: RequestTracer['traceTry'];
  /** Must stop before the store. */
  readonly services: readonly Service[];
}

/** What hears of everything: metrics, traces and the log of requests. */
export async function composeTelemetry(config: Config, around: Around): Promise<Telemetry> {
  const { store, clock, logger } = around;
  const registry = new Registry();
  const metrics = defineMetrics(registry);
  metrics.build.set([{ labels: toBuild(config), value: 1 }]);
  const keyNames = new KeyNames(store.keys, new Map([[configuredKeyId, 'configured']]));
  const { dataDir, minFreeDiskBytes } = config;
  const machine = createMachineGauges({ metrics, dataDir, minFreeDiskBytes });
  const measurements = new Measurements({
    registry,
    measure: [() => measureStore(toStoreGauges(config, { ...around, metrics, keyNames })), () => machine.measure()],
    clock,
    logger,
  });
  const sending = await openTelemetry(config, { measurements, logger });
  const tracer = sending && createTracer(config, { ...around, onSpan: sending.addSpan });
  const observers = [
    createMetricsObserver({ metrics, keyNames }),
    createRequestLog(logger),
    ...(tracer ? [tracer.observer] : []),
  ];
  const observer = combineObservers(observers, (err) => logger.error({ event: 'telemetry.failed', err }));
  return {
    store: observeStores(store, { observer, traceSubmit: tracer?.traceSubmit ?? asItIs }),
    observeCall: ({ method, route, status, ms }) =>
      metrics.httpDuration.observe(ms / 1_000, { method, route, status: String(status) }),
    metricsSource: { contentType: expositionType, read: () => measurements.exposition() },
    // Without traces of our own, the receiver's work belongs under the caller's.
    traceTry: tracer?.traceTry ?? (({ traceparent }) => traceparent),
    services: [machine, ...(sending ? [sending] : [])],
  };
}

const asItIs = (request: NewRequest) => request;

/** The SDK is loaded only where it sends something. */
async function openTelemetry(
  { telemetry: { otlp } }: Config,
  { measurements, logger }: { readonly measurements: Measurements; readonly logger: Logger },
) {
  if (!otlp) return undefined;
  const { createOpenTelemetry } = await import('../telemetry/open-telemetry/open-telemetry.ts');
  return createOpenTelemetry(otlp, {
    instanceId: `${os.hostname()}-${process.pid}`,
    readMetrics: () => measurements.families(),
    logger,
  });
}

function createTracer(
  { upstreams, telemetry }: Config,
  { models, clock, onSpan }: Around & { readonly onSpan: Parameters<typeof createRequestTracer>[0]['onSpan'] },
): RequestTracer | undefined {
  if (telemetry.otlp?.tracesUrl === undefined) return undefined;
  return createRequestTracer({
    upstreams: new Map(upstreams.map((upstream) => [upstream.name, toTraced(upstream)])),
    upstreamIdOf: (model) => models.find(model)?.upstreamId,
    onSpan,
    clock,
  });
}

function toTraced(upstream: Config['upstreams'][number]): TracedUpstream {
  const provider = getProvider(upstream);
  const baseUrl = upstream.kind === 'account' ? upstream.baseUrl : undefined;
  const name = provider.genAiName ?? provider.name;
  if (baseUrl === undefined) return { provider: name };
  const { hostname: host, port, protocol } = new URL(baseUrl);
  return { provider: name, address: { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) } };
}

function toStoreGauges(
  { upstreams }: Config,
  { store, models, clock, metrics, keyNames }: Around & { readonly metrics: Metrics; readonly keyNames: KeyNames },
) {
  const pool = { upstreams: upstreams.map((one) => toUpstream(one, models)), models: toUpstreamLanes(models) };
  return { metrics, pool, keyNames, clock, backlog: store.backlog, upstreams: store.upstreams, budgets: store.budgets };
}

function toBuild({ databaseUrl, storage, role }: Config) {
  return { version, store: databaseUrl === undefined ? 'sqlite' : 'postgresql', storage: storage.kind, role };
}
