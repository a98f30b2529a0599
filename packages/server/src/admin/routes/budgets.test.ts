import { budgetListSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { useApp } from '../../../test/app-harness.ts';
import { succeed } from '../../../test/request-moves.ts';
import { parseApiKeyId } from '../../core/api-keys.ts';

const app = useApp();

const list = async () => budgetListSchema.parse((await app.current.admin('GET', '/budgets')).json()).budgets;
const budget = { scope: 'organization', id: 'default', period: 'month', limit_usd: 12.34 } as const;

describe('budgets', () => {
  it('are set, changed, listed with what is used, and removed', async () => {
    await app.current.submit({ prompt: 'a' });
    await succeed(app.current);
    expect((await app.current.admin('PUT', '/budgets', budget)).json()).toEqual({ ...budget, used_usd: 0.135 });
    const id = parseApiKeyId(app.current.key);
    const ofKey = { scope: 'key', id, period: 'day', limit_usd: 0 };
    await app.current.admin('PUT', '/budgets', ofKey);
    await app.current.admin('PUT', '/budgets', { ...budget, limit_usd: 5 });
    expect(await list()).toEqual([
      { ...ofKey, used_usd: 0.135 },
      { ...budget, limit_usd: 5, used_usd: 0.135 },
    ]);
    const removed = await app.current.admin('DELETE', `/budgets/key/${id}/day`);
    expect([removed.statusCode, removed.body]).toEqual([204, '']);
    expect((await app.current.admin('DELETE', `/budgets/key/${id}/day`)).statusCode).toBe(404);
    expect(await list()).toHaveLength(1);
  });

  it.each([
    [{ scope: 'team' }, /scope must be/],
    [{ period: 'year' }, /period must be/],
    [{ limit_usd: -1 }, /limit_usd must be a number of dollars/],
    [{ limit_usd: '5' }, /limit_usd must be a number of dollars/],
    [{ id: '' }, /id must/],
  ])('refuse %j', async (changes, words) => {
    const reply = await app.current.admin('PUT', '/budgets', { ...budget, ...changes });
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringMatching(words)]);
  });

  it('refuse a budget that has no owner, and name the existing owners', async () => {
    for (const [changes, known] of [
      [{ id: 'defualt' }, 'default'],
      [{ scope: 'key', id: 'default' }, 'configured'],
    ] as const) {
      const reply = await app.current.admin('PUT', '/budgets', { ...budget, ...changes });
      expect([reply.statusCode, reply.json().error]).toEqual([404, expect.stringContaining(known)]);
    }
    expect(await list()).toEqual([]);
  });
});
