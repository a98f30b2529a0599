import { describe, expect, it } from 'vitest';
import { useApp } from '../../../test/app-harness.ts';

const app = useApp();

describe('the operator’s calls', () => {
  const calls = [
    ['GET', '/failed'],
    ['POST', '/requeue'],
    ['GET', '/upstreams'],
    ['POST', '/upstreams/main/pause'],
    ['POST', '/models/gemini-3-pro-image/resume'],
    ['GET', '/budgets'],
    ['PUT', '/budgets'],
    ['DELETE', '/budgets/key/x/day'],
    ['GET', '/keys'],
    ['POST', '/keys'],
    ['DELETE', '/keys/x'],
    ['GET', '/throughput'],
  ] as const;

  it.each(calls)('%s %s requires an admin key, before it reads anything', async (method, path) => {
    const url = `/api/v1/admin${path}`;
    const refused = await app.current.call({ method, url });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'admin_required']);
    expect((await app.current.call({ method, url }, '')).statusCode).toBe(401);
  });

  it('accept the configured key', async () => {
    expect((await app.current.call({ url: '/api/v1/admin/budgets' }, 'configured-key')).statusCode).toBe(200);
  });
});
