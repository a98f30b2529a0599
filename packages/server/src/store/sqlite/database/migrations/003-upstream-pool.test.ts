import { describe, expect, it } from 'vitest';
import { useOldDatabase } from '../../../../../test/store/old-database.ts';
import { claimOne, leaseMs, order, start } from '../../../contract/fixtures.ts';

/** A request that is being processed, one that waits, and the calls of the first: one done, one under way. */
const rows = `
INSERT INTO requests (id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at, lease_token,
  lease_expires_at, worker, estimated_cost_micros, cost_micros, created_at, queued_at, updated_at, deadline_at)
VALUES
  ('held', 'org-a', 'k', 'model-1', 'processing', 0, 0, 1, ${start}, 't', ${start + leaseMs}, 'w', 9, 0, ${start}, ${start},
   ${start}, ${start + 9 * leaseMs}),
  ('queued', 'org-a', 'k', 'model-1', 'queued', 1, 0, 0, ${start}, NULL, NULL, NULL, 9, 0, ${start}, ${start}, ${start},
   ${start + 9 * leaseMs});
INSERT INTO payloads SELECT seq, '{}', NULL, '${JSON.stringify(order)}' FROM requests;
INSERT INTO attempts (request_id, number, image_index, lease_token, worker, started_at, ended_at, result, cost_micros,
  is_possibly_billed)
VALUES ('held', 1, 0, 't', 'w', ${start}, ${start + 1}, 'failed', 0, 0),
  ('held', 1, 1, 't', 'w', ${start}, NULL, NULL, 0, 0);
`;

describe('a database from before the upstream pool', () => {
  const old = useOldDatabase(2, rows);

  it('keeps its attempt log; every call of it counts as sent', async () => {
    expect(await old.store.requests.attempts('org-a', 'held')).toMatchObject([
      { imageIndex: 0, result: 'failed', upstream: '', startedAt: start, sentAt: start },
      { imageIndex: 1, result: undefined, sentAt: start },
    ]);
  });

  it('goes on with what is queued and rescues what was under way', async () => {
    expect((await claimOne(old.store.requests)).request.id).toBe('queued');
    const decide = () => ({ kind: 'interrupt' }) as const;
    expect(await old.store.requests.rescue({ now: start + leaseMs - 1, limit: 9, decide })).toEqual([]);
    const rescued = await old.store.requests.rescue({ now: start + leaseMs, limit: 9, decide });
    expect(rescued.map(({ id }) => id).toSorted()).toEqual(['held', 'queued']);
    expect((await old.store.requests.attempts('org-a', 'held'))[1]).toMatchObject({
      result: 'lost',
      isPossiblyBilled: true,
    });
  });
});
