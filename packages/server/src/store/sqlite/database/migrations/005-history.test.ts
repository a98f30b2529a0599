import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  claimOne,
  failureOutcome,
  leaseMs,
  order,
  start,
  submitOne,
  successOutcome,
} from '../../../contract/fixtures.ts';
import type { Store } from '../../../store.ts';
import { openSqliteStore } from '../../open-sqlite-store.ts';
import { requests } from './001-requests.ts';
import { apiKeys } from './002-api-keys.ts';
import { upstreamPool } from './003-upstream-pool.ts';
import { ledger } from './004-ledger.ts';

function toRow(id: string, status: string, changes: { readonly outcome?: object; readonly retryCode?: string } = {}) {
  const { outcome, retryCode } = changes;
  const lease = status === 'processing' ? `'t', ${start + leaseMs}, 'w'` : 'NULL, NULL, NULL';
  const end = outcome ? `'${JSON.stringify(outcome)}'` : 'NULL';
  const retry = retryCode ? `'${retryCode}'` : 'NULL';
  const times = `${start}, ${start}, ${start + 5}, ${start + 9 * leaseMs}`;
  return `('${id}', 'org-a', 'k', 'model-1', '${status}', 0, 0, 2, ${start + leaseMs}, ${lease}, 9, 0, ${times}, ${end}, ${retry})`;
}

const rows = `
INSERT INTO requests (id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at, lease_token,
  lease_expires_at, worker, estimated_cost_micros, cost_micros, created_at, queued_at, updated_at, deadline_at, outcome,
  retry_code)
VALUES
  ${toRow('new', 'queued')},
  ${toRow('waiting', 'queued', { retryCode: 'upstream_overloaded' })},
  ${toRow('held', 'processing')},
  ${toRow('made', 'success', { outcome: successOutcome })},
  ${toRow('failed', 'failed', { outcome: failureOutcome })},
  ${toRow('cancelled', 'cancelled')};
INSERT INTO payloads SELECT seq, '{}', NULL, '${JSON.stringify(order)}' FROM requests;
INSERT INTO attempts (request_id, number, image_index, lease_token, worker, started_at, cost_micros, is_possibly_billed,
  upstream, sent_at)
VALUES ('held', 2, 0, 't', 'w', ${start}, 0, 0, 'upstream-1', ${start});
`;

describe('a database from before the history', () => {
  let folder: string;
  let file: string;
  let store: Store;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-migration-'));
    file = join(folder, 'darkroom.db');
    const db = new DatabaseSync(file);
    db.exec(`${requests}; ${apiKeys}; ${upstreamPool}; ${ledger}; ${rows}; PRAGMA user_version = 4`);
    db.close();
    store = openSqliteStore({ file });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['new', []],
    ['waiting', [{ kind: 'retrying', code: 'upstream_overloaded', availableAt: start + leaseMs }]],
    ['held', [{ kind: 'claimed', attempt: 2, upstream: 'upstream-1', calls: 1 }]],
    ['made', [{ kind: 'succeeded', pictures: 1 }]],
    ['failed', [{ kind: 'failed', code: failureOutcome.failure.code }]],
    ['cancelled', [{ kind: 'cancelled' }]],
  ])('gets the history that its rows show: %s', async (id, moments) => {
    const history = await store.events.ofRequest('org-a', id, { after: 0, limit: 9 });
    expect(history.map(({ at, moment }) => [at, moment])).toEqual([
      [start, { kind: 'queued' }],
      ...moments.map((moment) => [start + 5, moment]),
    ]);
  });

  it('never reuses the number of an event, even when the last events were removed with their request', async () => {
    const id = await submitOne(store.requests, { id: '0', priority: 9 });
    const last = await store.events.last();
    const db = new DatabaseSync(file);
    db.exec(`PRAGMA foreign_keys = ON; DELETE FROM requests WHERE id = '${id}'`);
    db.close();
    await submitOne(store.requests, { id: '1', priority: 9 });
    expect(await store.events.last()).toBe(last + 1);
    expect((await claimOne(store.requests)).request.id).toBe('1');
  });
});
