import { describe, expect, it } from 'vitest';
import { toDays, toReportDays } from './usage-days.ts';
import { sumByDay, sumByName } from './usage-sums.ts';

const none = { success: 0, failed: 0, cancelled: 0 };
const rows = [
  { day: '2026-11-20', model: 'a', user_id: 'k1', pictures: 2, cost_usd: 0.2, ...none },
  { day: '2026-11-20', model: 'b', user_id: 'k1', pictures: 1, cost_usd: 0.5, ...none },
  { day: '2026-11-22', model: 'a', user_id: 'k2', pictures: 4, cost_usd: 0.4, ...none },
];
const noon = Date.UTC(2026, 10, 22, 12);

describe('usage', () => {
  it('has a bar for every day, including days without requests', () => {
    const bars = sumByDay(rows, { days: toDays(3, noon), measure: 'pictures' });
    expect(bars).toEqual([
      { day: '2026-11-20', value: 3 },
      { day: '2026-11-21', value: 0 },
      { day: '2026-11-22', value: 4 },
    ]);
  });

  it('names the largest share first', () => {
    const shares = sumByName(rows, { name: 'model', measure: 'cost_usd' });
    expect(shares.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(shares[0]?.value).toBeCloseTo(0.6);
  });

  it('counts days in UTC, across the end of a month', () => {
    expect(toDays(2, Date.UTC(2026, 2, 1, 0, 30))).toEqual(['2026-02-28', '2026-03-01']);
    expect(toReportDays({ from: '2026-02-28', to: '2026-03-01' })).toEqual(['2026-02-28', '2026-03-01']);
  });
});
