import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimOne, leaseMs, order, start } from '../../../contract/fixtures.ts';
import type { Store } from '../../../store.ts';
import { openSqliteStore } from '../../open-sqlite-store.ts';
import { requests } from './001-requests.ts';
import { apiKeys } from './002-api-keys.ts';

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
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-migration-'));
    const file = join(folder, 'darkroom.db');
    const db = new DatabaseSync(file);
    db.exec(`${requests}; ${apiKeys}; ${rows}; PRAGMA user_version = 2`);
    db.close();
    store = openSqliteStore({ file });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it('keeps its attempt log; every call of it counts as sent', async () => {
    expect(await store.requests.attempts('org-a', 'held')).toMatchObject([
      { imageIndex: 0, result: 'failed', upstream: '', startedAt: start, sentAt: start },
      { imageIndex: 1, result: undefined, sentAt: start },
    ]);
  });

  it('goes on with what is queued and rescues what was under way', async () => {
    expect((await claimOne(store.requests)).request.id).toBe('queued');
    const decide = () => ({ kind: 'interrupt' }) as const;
    expect(await store.requests.rescue({ now: start + leaseMs - 1, limit: 9, decide })).toEqual([]);
    const rescued = await store.requests.rescue({ now: start + leaseMs, limit: 9, decide });
    expect(rescued.map(({ id }) => id).toSorted()).toEqual(['held', 'queued']);
    expect((await store.requests.attempts('org-a', 'held'))[1]).toMatchObject({
      result: 'lost',
      isPossiblyBilled: true,
    });
  });
});
