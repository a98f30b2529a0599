import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { defineMetrics } from '../../src/telemetry/metrics/definitions.ts';
import { toPrometheusNames } from '../../src/telemetry/metrics/exposition.ts';
import { type Family, Registry } from '../../src/telemetry/metrics/registry.ts';

/* Prometheus shows no error for a name or a label that does not exist: a panel stays empty, and an alert never fires. */

const root = path.resolve(import.meta.dirname, '../../../..');
const registry = new Registry();
defineMetrics(registry);
const families = new Map(
  registry.families.flatMap((family) => {
    const { labelNames } = toPrometheusNames(family);
    return toNames(family).map((name) => [name, labelNames] as const);
  }),
);

/** The names of the samples. */
function toNames(family: Family): readonly string[] {
  const { name } = toPrometheusNames(family);
  return family.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name];
}

/** What is wrong with an expression: names that no metric has, and labels that its metrics do not have. */
function findWrongs(expression: string): readonly string[] {
  const names = expression.match(/\b(?:darkroom|http_server|gen_ai_client|process|nodejs)_\w+/g) ?? [];
  const unknown = names.filter((name) => !families.has(name));
  // Prometheus adds `instance`; histograms have `le`.
  const known = new Set(['instance', 'le', ...names.flatMap((name) => families.get(name) ?? [])]);
  const braces = [...expression.matchAll(/\{([^}]*)\}/g)].flatMap(
    ([, inner = '']) => inner.match(/\w+(?=\s*[!=]~?)/g) ?? [],
  );
  const groups = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inner = '']) => inner.split(/,\s*/));
  return [
    ...(names.length === 0 ? ['no metric'] : []),
    ...unknown,
    ...[...braces, ...groups].filter((one) => !known.has(one)),
  ];
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

describe('the check of expressions', () => {
  it('finds names and labels that do not exist', () => {
    expect(findWrongs('sum by (modle) (darkroom_queue_deep{tier="flex"})')).toEqual([
      'darkroom_queue_deep',
      'tier',
      'modle',
    ]);
    expect(findWrongs('rate(darkroom_queue_wait_seconds[5m])')).toEqual(['darkroom_queue_wait_seconds']);
  });
});

describe("Grafana's dashboard", async () => {
  const text = await readFile(path.join(root, 'deploy/grafana/darkroom.json'), 'utf8');
  const { panels } = JSON.parse(text) as { readonly panels: readonly Panel[] };

  it('shows metrics and labels that exist', () => {
    const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));
    expect(targets.length).toBeGreaterThan(25);
    expect(targets.flatMap(({ title, expr }) => findWrongs(expr).map((wrong) => `${title}: ${wrong}`))).toEqual([]);
    for (const { expr, legendFormat } of targets)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(expr).toContain(label);
  });
});

describe('the alert rules', async () => {
  const text = await readFile(path.join(root, 'deploy/prometheus/alerts.yaml'), 'utf8');
  const { groups } = parseYaml(text) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it('ask for metrics and labels that exist', () => {
    expect(rules.length).toBeGreaterThan(9);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(rules.flatMap(({ alert, expr }) => findWrongs(expr).map((wrong) => `${alert}: ${wrong}`))).toEqual([]);
  });

  it('name only labels that their expression keeps', () => {
    for (const { expr, annotations } of rules)
      for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g))
        expect([...expr.matchAll(/\bby \(([^)]*)\)/g)].join()).toContain(label);
  });
});

describe('the page about observing', async () => {
  const page = await readFile(path.join(root, 'docs/how-to/observe.md'), 'utf8');

  it('has every metric with its labels', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    for (const { name, labelNames } of registry.families.map(toPrometheusNames)) {
      const row = rows.find((line) => line.includes(`\`${name}\``));
      expect(row, name).toBeDefined();
      for (const label of labelNames) expect(row, name).toContain(label);
    }
  });
});
