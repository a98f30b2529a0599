import type { UsageGroup } from '@darkroom/protocol';
import type { UsageRow } from '../../../core/budgets.ts';

/** The usage of several rows. It has the `day`, `model` and `apiKeyId` only when they are the same in all of them. */
export type UsageSum = Omit<UsageRow, keyof Origin> & Partial<Origin>;

type Origin = Pick<UsageRow, 'day' | 'model' | 'apiKeyId'>;

/** A sum for each day, model or key; without `group`, one for each combination of the three. */
export function sumUsageBy(rows: readonly UsageRow[], group: UsageGroup | undefined): readonly UsageSum[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(toOrigin(row, group)));
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ ...toOrigin(first, group), ...sumUsage(same) }] : [];
  });
}

export function sumUsage(rows: readonly UsageRow[]): UsageSum {
  const sum = (name: Exclude<keyof UsageRow, keyof Origin>) => rows.reduce((total, row) => total + row[name], 0);
  return {
    success: sum('success'),
    failed: sum('failed'),
    cancelled: sum('cancelled'),
    pictures: sum('pictures'),
    costMicros: sum('costMicros'),
  };
}

function toOrigin({ day, model, apiKeyId }: UsageRow, group: UsageGroup | undefined): Partial<Origin> {
  switch (group) {
    case undefined:
      return { day, model, apiKeyId };
    case 'day':
      return { day };
    case 'model':
      return { model };
    case 'key':
      return { apiKeyId };
  }
}
