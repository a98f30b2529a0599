import { usageReportSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { model, useApp } from '../../../../test/app-harness.ts';
import { fail, succeed } from '../../../../test/request-moves.ts';
import { parseApiKeyId } from '../../../core/api-keys.ts';
import { housePrefix } from '../../../http/prefixes.ts';

const app = useApp();
const read = async (query = '', as?: string) =>
  (await app.current.call({ url: `${housePrefix}/usage${query}` }, as)).json();
const dayMs = 24 * 3_600_000;

describe('the usage', () => {
  it('sums up the current month by day, model and key, and adds up', async () => {
    const { submit, adminKey, clock } = app.current;
    await submit({ prompt: 'a' });
    await succeed(app.current);
    await submit({ prompt: 'b' }, { as: adminKey });
    await fail(app.current);
    clock.advance(dayMs);
    await submit({ prompt: 'c' });
    await succeed(app.current);

    const report = usageReportSchema.parse(await read());
    const [key, admin] = [app.current.key, adminKey].map(parseApiKeyId);
    const one = { success: 1, failed: 0, cancelled: 0, pictures: 1, cost_usd: 0.135 };
    expect(report.rows).toHaveLength(3);
    expect(report.rows).toEqual(
      expect.arrayContaining([
        { day: '2025-10-29', model, user_id: key, ...one },
        { day: '2025-10-29', model, user_id: admin, success: 0, failed: 1, cancelled: 0, pictures: 0, cost_usd: 0 },
        { day: '2025-10-30', model, user_id: key, ...one },
      ]),
    );
    expect(report).toMatchObject({
      from: '2025-10-01',
      to: '2025-10-30',
      total: { success: 2, failed: 1, cancelled: 0, pictures: 2, cost_usd: 0.27 },
    });
    expect(
      (await read('?group_by=day')).rows.map((row: { day: string; cost_usd: number }) => [row.day, row.cost_usd]),
    ).toEqual([
      ['2025-10-29', 0.135],
      ['2025-10-30', 0.135],
    ]);
    expect((await read('?group_by=model')).rows).toEqual([{ model, ...report.total }]);
    expect((await read('?group_by=key')).rows).toHaveLength(2);
    expect((await read('?from=2025-10-30&to=2025-10-30')).total).toEqual(one);
  });

  it('is empty for another organization and for another month', async () => {
    await app.current.submit({ prompt: 'a' });
    await succeed(app.current);
    expect(await read('?to=2025-09-30')).toMatchObject({ from: '2025-09-01', rows: [], total: { cost_usd: 0 } });
  });

  it.each([
    ['?from=2025-13-01', /from must be a day/],
    ['?from=yesterday', /from must be a day/],
    ['?from=2025-10-30&to=2025-10-29', /from is after the last day, 2025-10-29/],
    ['?from=2020-01-01', /from is more than 366 days before/],
    ['?group_by=week', /group_by must be one of day, model, key/],
  ])('refuses %s', async (query, words) => {
    expect(await read(query)).toMatchObject({ code: 'invalid_request', error: expect.stringMatching(words) });
  });
});
