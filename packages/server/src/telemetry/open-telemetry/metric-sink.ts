import { ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { version } from '../../platform/version.ts';
import type { Family, Series } from '../metrics/registry.ts';

interface MetricSinkOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Resource;
  readonly intervalMs: number;
  readonly read: () => Promise<readonly Family[]>;
}

/** Sends the metrics that `/metrics` shows, under the same names, except for those of the conventions. Resolves `close` when the last ones are sent. */
export function createMetricSink({ url, headers, resource, intervalMs, read }: MetricSinkOptions) {
  const startTime = toHrTime(performance.timeOrigin);
  const producer = {
    collect: async () => {
      const times = { startTime, endTime: toHrTime(performance.timeOrigin + performance.now()) };
      const metrics = (await read()).map((family) => toMetricData(family, times));
      return {
        resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'darkroom', version }, metrics }] },
        errors: [],
      };
    },
  };
  const exporter = new OTLPMetricExporter({ url, headers: { ...headers } });
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, 10_000),
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return { close: () => provider.shutdown() };
}

interface Times {
  readonly startTime: [number, number];
  readonly endTime: [number, number];
}

function toMetricData(family: Family, times: Times): MetricData {
  const { name, unit = toUnit(name), help: description, type } = family;
  const points = [...family.series()].map((series) => ({ ...times, attributes: toAttributes(family, series), series }));
  const base = {
    descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === 'histogram') {
    const dataPoints = points.map(({ series, ...point }) => ({ ...point, value: toHistogram(family, series) }));
    return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = points.map(({ series: { value }, ...point }) => ({ ...point, value }));
  if (type === 'gauge') return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

function toHistogram({ bounds }: Family, { value: sum, buckets }: Series) {
  const count = buckets.reduce((total, inBucket) => total + inBucket, 0);
  return { buckets: { boundaries: [...bounds], counts: [...buckets] }, sum, count };
}

function toAttributes({ labelNames }: Family, { labels }: Series) {
  const pairs = labelNames.map((name, index) => [name, labels[index] ?? ''] as const);
  // An empty label is none, as for Prometheus.
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''));
}

/** By the end of the name; the names of counters end with `_total`. */
function toUnit(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return 's';
  return /_bytes(_total)?$/.test(name) ? 'By' : '1';
}

function toHrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
