import type { Family, Series } from './registry.ts';

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

export function toExposition(families: readonly Family[]): string {
  return families.map(toText).join('');
}

/**
 * What Prometheus calls a metric and its labels. It cannot write dots, and its names end with their unit.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function toPrometheusNames({ name, unit, labelNames }: Pick<Family, 'name' | 'unit' | 'labelNames'>) {
  const plain = (text: string) => text.replaceAll('.', '_');
  return { name: unit === 's' ? `${plain(name)}_seconds` : plain(name), labelNames: labelNames.map(plain) };
}

function toText(family: Family): string {
  const { type, help } = family;
  const { name } = toPrometheusNames(family);
  const lines = [...family.series()].flatMap((series) => toLines(family, series));
  return `# HELP ${name} ${escapeText(help)}\n# TYPE ${name} ${type}\n${lines.map((line) => `${line}\n`).join('')}`;
}

function toLines(family: Family, { labels, value, buckets }: Series): readonly string[] {
  const { type, bounds } = family;
  const { name, labelNames } = toPrometheusNames(family);
  const own = labelNames.map((label, index) => toPair(label, labels[index] ?? ''));
  if (type !== 'histogram') return [`${name}${toBraces(own)} ${toNumber(value)}`];
  let count = 0;
  const counted = buckets.map((inBucket, index) => {
    count += inBucket;
    return `${name}_bucket${toBraces([...own, toPair('le', toNumber(bounds[index] ?? Infinity))])} ${count}`;
  });
  return [...counted, `${name}_sum${toBraces(own)} ${toNumber(value)}`, `${name}_count${toBraces(own)} ${count}`];
}

function toPair(name: string, value: string): string {
  return `${name}="${escapeText(value).replaceAll('"', '\\"')}"`;
}

function toBraces(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function toNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
