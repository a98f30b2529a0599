import type { UsageRow } from '../../core/budgets.ts';
import { fromLane } from '../../core/service-tiers.ts';

const counts = ['success', 'failed', 'cancelled', 'pictures', 'costMicros'] as const;

/**
 * The rows of the lanes of a model as rows of the model, without those that come to nothing: a requeue subtracts what a request has
 * counted, maybe from another lane.
 */
export function toUsageOfModels(rows: readonly UsageRow[]): readonly UsageRow[] {
  const byModel = new Map<string, UsageRow>();
  for (const row of rows) {
    const { model } = fromLane(row.model);
    const key = [row.day, model, row.apiKeyId].join('\n');
    const before = byModel.get(key);
    byModel.set(key, before ? add(before, row) : { ...row, model });
  }
  return [...byModel.values()].filter((row) => counts.some((name) => row[name] !== 0));
}

function add(a: UsageRow, b: UsageRow): UsageRow {
  return { ...a, ...Object.fromEntries(counts.map((name) => [name, a[name] + b[name]])) };
}
