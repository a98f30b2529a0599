import os from 'node:os';
import type { Config } from '../config/load-config.ts';
import { configuredKeyId } from '../http/auth.ts';
import type { CallObserver, CountOpenCalls } from '../http/observe-calls.ts';
import type { MetricsSource } from '../http/routes/metrics.ts';
import { type ModelRegistry, toUpstreamLanes } from '../models/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { DamageCount } from '../platform/damage.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { version } from '../platform/version.ts';
import type { NewRequest } from '../store/request-store.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue, KnownUpstream } from '../telemetry/gen-ai.ts';
import { defineMetrics, type Metrics } from '../telemetry/metrics/definitions.ts';
import { expositionType } from '../telemetry/metrics/exposition.ts';
import { KeyNames } from '../telemetry/metrics/key-names.ts';
import { createMachineGauges } from '../telemetry/metrics/machine-gauges.ts';
import { Measurements } from '../telemetry/metrics/measurements.ts';
import { createMetricsObserver } from '../telemetry/metrics/metrics-observer.ts';
import { Registry } from '../telemetry/metrics/registry.ts';
import { measureStore } from '../telemetry/metrics/store-gauges.ts';
import { observeStores } from '../telemetry/observe-stores.ts';
import { combineObservers, type Observer } from '../telemetry/observer.ts';
import { createRequestLog } from '../telemetry/request-log.ts';
import { createRequestTracer, type RequestTracer } from '../telemetry/traces/trace-observer.ts';
import { getProvider } from './providers.ts';
import { toUpstream } from './upstreams.ts';

interface Around {
  readonly store: Store;
  readonly models: ModelRegistry;
  readonly damage: DamageCount;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Telemetry {
  readonly observer: Observer;
  /** The store whose writes are observed. */
  readonly store: Store;
  readonly callObserver: CallObserver;
  readonly metricsSource: MetricsSource;
  readonly traceTry: RequestTracer['traceTry'];
  /** Must stop before the store. */
  readonly services: readonly Service[];
}

/** What hears of everything: metrics, traces and the log of requests. */
export async function composeTelemetry(config: Config, around: Around): Promise<Telemetry> {
  const { store, damage, clock, logger } = around;
  const registry = new Registry();
  const metrics = defineMetrics(registry);
  metrics.build.set([{ labels: toBuild(config), value: 1 }]);
  damage.onMet((what) => metrics.damage.add(1, { what }));
  const keyNames = new KeyNames(store.keys, new Map([[configuredKeyId, 'configured']]));
  const { dataDir, minFreeDiskBytes } = config;
  const machine = createMachineGauges({ metrics, dataDir, minFreeDiskBytes });
  const openCalls: CountOpenCalls[] = [];
  const measurements = new Measurements({
    registry,
    measure: [
      () => measureStore(toStoreGauges(config, { ...around, metrics, keyNames })),
      () => machine.measure(),
      async () => metrics.openCalls.set(openCalls.flatMap((count) => toOpenSeries(count()))),
    ],
    clock,
    logger,
  });
  const sending = await openTelemetry(config, { measurements, logger });
  const catalogue = toCatalogue(config, around.models);
  const tracer = sending && createTracer(config, { catalogue, onSpan: sending.addSpan, clock });
  const observers = [
    createMetricsObserver({ metrics, keyNames, catalogue }),
    createRequestLog(logger),
    ...(tracer ? [tracer.observer] : []),
  ];
  const observer = combineObservers(observers, (err) => logger.error({ event: 'telemetry.failed', err }));
  return {
    observer,
    store: observeStores(store, { observer, traceSubmit: tracer?.traceSubmit ?? asItIs }),
    callObserver: {
      answered: ({ method, route, status, ms }) =>
        metrics.httpDuration.observe(ms / 1_000, { method, route, status: String(status) }),
      opened: (count) => openCalls.push(count),
    },
    metricsSource: { contentType: expositionType, read: () => measurements.exposition() },
    // Without traces of our own, the receiver's work belongs under the caller's.
    traceTry: tracer?.traceTry ?? (({ traceparent }) => traceparent),
    services: [machine, ...(sending ? [sending] : [])],
  };
}

const asItIs = (request: NewRequest) => request;

function toOpenSeries(open: ReturnType<CountOpenCalls>) {
  return (['streams', 'waits'] as const).map((kind) => ({ labels: { kind }, value: open[kind] }));
}

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
  { telemetry }: Config,
  options: Parameters<typeof createRequestTracer>[0],
): RequestTracer | undefined {
  return telemetry.otlp?.tracesUrl === undefined ? undefined : createRequestTracer(options);
}

function toCatalogue({ upstreams }: Pick<Config, 'upstreams'>, models: ModelRegistry): Catalogue {
  return {
    upstreams: new Map(upstreams.map((upstream) => [upstream.name, toKnown(upstream)])),
    upstreamIdOf: (model) => models.find(model)?.upstreamId,
  };
}

function toKnown(upstream: Config['upstreams'][number]): KnownUpstream {
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
  const { backlog, budgets, organizations } = store;
  return { metrics, pool, keyNames, clock, backlog, budgets, organizations, upstreams: store.upstreams };
}

function toBuild({ databaseUrl, storage, role }: Config) {
  return { version, store: databaseUrl === undefined ? 'sqlite' : 'postgresql', storage: storage.kind, role };
}
