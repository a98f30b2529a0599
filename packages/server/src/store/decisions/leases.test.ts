import { describe, expect, it } from 'vitest';
import { isHeldBy, toLease, toLeaseLook } from './leases.ts';

const lease = { requestId: 'request-1', attempt: 2, token: 'token' };
const row = { lease_token: 'token', lease_expires_at: 100 };

describe('leases', () => {
  it('are read from rows that are held', () => {
    expect(toLease({ id: 'request-1', attempt: 2, lease_token: 'token' })).toEqual(lease);
    expect(toLease({ id: 'request-1', attempt: 2, lease_token: null })).toBeUndefined();
  });

  it('hold only their own request', () => {
    expect(isHeldBy(row, lease)).toBe(true);
    expect(isHeldBy({ lease_token: 'another' }, lease)).toBe(false);
    expect(isHeldBy({ lease_token: null }, lease)).toBe(false);
    expect(isHeldBy(undefined, lease)).toBe(false);
  });

  it('are lost when they have run out, or when the watch says so', () => {
    const look = toLeaseLook({ now: 100 });
    expect([look.until, look.isLost(row)]).toEqual([100, true]);
    const watched = toLeaseLook({ now: 100, watch: { aheadMs: 50, isLost: ({ expiresAt }) => expiresAt > 100 } });
    expect([watched.until, watched.isLost(row)]).toEqual([150, false]);
  });
});
