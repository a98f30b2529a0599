import { describe, expect, it } from 'vitest';
import type { ImageRequest } from './image-request.ts';
import type { Room } from './upstream-pool.ts';
import { toWaiting } from './waiting.ts';

const now = 1_000_000;
const request: ImageRequest = {
  id: 'id',
  organizationId: 'default',
  apiKeyId: 'key',
  model: 'gemini-3-pro-image',
  payload: '{}',
  inline: [],
  status: 'queued',
  priority: 0,
  attempt: 0,
  availableAt: now,
  retryCode: undefined,
  outcome: undefined,
  estimatedCostMicros: 0,
  costMicros: 0,
  createdAt: now,
  queuedAt: now,
  updatedAt: now,
  deadlineAt: now + 3_600_000,
  serviceTier: undefined,
  retainMs: undefined,
  isBare: false,
  tier: 'standard',
  traceparent: undefined,
  wire: 'queue',
  allowsStandIn: true,
};
const open: Room = { kind: 'open', calls: 3, isProbe: false };
const closed = (reason: 'operator' | 'upstream' | 'limit', until?: number): Room => ({
  kind: 'closed',
  reason,
  message: `The ${reason} says no.`,
  ...(until !== undefined && { until }),
});

describe('toWaiting', () => {
  it('says that it is not yet the turn of a request that is due while an upstream is open', () => {
    expect(toWaiting(request, { rooms: [closed('upstream'), open], now })).toMatchObject({ reason: 'turn' });
  });

  it('gives the failure of the last try while the next one is not due', () => {
    const waiting = { ...request, availableAt: now + 900, retryCode: 'upstream_error' as const };
    expect(toWaiting(waiting, { rooms: [open], now })).toEqual({
      reason: 'retry',
      message: 'The upstream had an internal error (500, 502 or another 5xx).',
      until: now + 900,
    });
  });

  it.each(['operator', 'upstream', 'limit'] as const)('says so when every upstream is closed by the %s', (reason) => {
    expect(toWaiting(request, { rooms: [closed(reason, now + 5)], now })).toEqual({
      reason,
      message: `The ${reason} says no.`,
      until: now + 5,
    });
    expect(toWaiting(request, { rooms: [closed(reason)], now })).not.toHaveProperty('until');
  });

  it('of several closed upstreams names the one that opens first', () => {
    const rooms = [closed('upstream', now + 90), closed('limit', now + 5)];
    expect(toWaiting(request, { rooms, now })).toMatchObject({ reason: 'limit', until: now + 5 });
  });
});
