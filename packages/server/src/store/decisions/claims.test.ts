import { describe, expect, it } from 'vitest';
import { UpstreamPool } from '../../core/upstream-pool.ts';
import { idle, type UpstreamLimits } from '../../core/upstreams.ts';
import { models, order, start, toClaimQuery, toQueuedRow } from '../contract/fixtures.ts';
import { countPlaces, takeRequest, toNextAvailableAt, toTakenMoments } from './claims.ts';

const row = toQueuedRow({
  attempt: 1,
  retry_code: 'upstream_overloaded',
  work: JSON.stringify({ ...order, images: 3 }),
});

function openPool(limits: UpstreamLimits, underWay = 0): UpstreamPool {
  const upstreams = [{ name: 'upstream-1', limits, models: ['model-1'], quotaTimeZone: 'UTC' }];
  const loadOf = () => ({ ...idle, underWay });
  return new UpstreamPool({ upstreams, models, now: start, stateOf: () => undefined, loadOf });
}

describe('a claim', () => {
  const query = toClaimQuery({ now: start + 5 });

  it('takes a request with the calls that the pool grants', () => {
    const pool = openPool({ concurrency: 2 });
    const taking = takeRequest(row, { attempts: [], query, pool, limit: 5, token: 'token' });
    if (!taking) throw new Error('It should be taken.');
    const { request, lease, imageIndexes, upstream } = taking.claim;
    expect(request).toMatchObject({ status: 'processing', attempt: 2, retryCode: undefined, updatedAt: start + 5 });
    expect([lease, imageIndexes, upstream]).toEqual([
      { requestId: 'request-1', attempt: 2, token: 'token' },
      [0, 1],
      'upstream-1',
    ]);
    expect([taking.model, taking.micros]).toEqual(['upstream-model-1', 3]);
    expect(toTakenMoments(taking)).toEqual([{ kind: 'claimed', attempt: 2, upstream: 'upstream-1', calls: 2 }]);
    expect(countPlaces([taking, { ...taking, claim: { ...taking.claim, imageIndexes: [] } }])).toBe(3);
  });

  it('returns when a request is due or an upstream may open', () => {
    const open = openPool({ concurrency: 1 });
    expect(toNextAvailableAt({ ready: ['model-1'], nextDue: undefined }, open)).toBeUndefined();
    expect(toNextAvailableAt({ ready: ['model-1'], nextDue: start + 9 }, open)).toBe(start + 9);
    const full = openPool({ requestsPerMinute: 0 });
    expect(toNextAvailableAt({ ready: ['model-1'], nextDue: undefined }, full)).toBe(start + 60_000);
    expect(toNextAvailableAt({ ready: ['model-1'], nextDue: start + 9 }, full)).toBe(start + 9);
    const busy = openPool({ concurrency: 1 }, 1);
    expect(toNextAvailableAt({ ready: ['model-1'], nextDue: undefined }, busy)).toBeUndefined();
  });
});
