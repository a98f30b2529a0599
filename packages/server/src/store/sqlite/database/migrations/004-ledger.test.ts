import { describe, expect, it } from 'vitest';
import { useOldDatabase } from '../../../../../test/store/old-database.ts';
import { failureOutcome, order, start, successOutcome } from '../../../contract/fixtures.ts';

const dayMs = 24 * 3_600_000;

function toRow(id: string, status: string, { costMicros = 0, outcome = 'NULL', queuedAt = start } = {}): string {
  const times = `${queuedAt}, ${queuedAt}, ${queuedAt}, ${queuedAt + dayMs}`;
  return `('${id}', 'org-a', 'key-1', 'model-1', '${status}', 0, 0, 1, ${start}, 9, ${costMicros}, ${times}, ${outcome})`;
}

const rows = `
INSERT INTO requests (id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at,
  estimated_cost_micros, cost_micros, created_at, queued_at, updated_at, deadline_at, outcome)
VALUES
  ${toRow('a-made', 'success', { costMicros: 7, outcome: `'${JSON.stringify(successOutcome)}'` })},
  ${toRow('b-failed', 'failed', { costMicros: 2, outcome: `'${JSON.stringify(failureOutcome)}'` })},
  ${toRow('c-waiting', 'queued', { costMicros: 1, queuedAt: start + dayMs })},
  ${toRow('d-new', 'queued')};
INSERT INTO payloads SELECT seq, '{}', NULL, '${JSON.stringify(order)}' FROM requests;
INSERT INTO attempts (request_id, number, image_index, lease_token, worker, started_at, ended_at, result, cost_micros,
  is_possibly_billed)
VALUES ('a-made', 1, 0, 't', 'w', ${start}, ${start + 1}, 'succeeded', 7, 0);
INSERT INTO pictures (name, request_id, number, image_index) VALUES ('x.png', 'a-made', 1, 0), ('y.png', 'a-made', 1, 0);
INSERT INTO api_keys (id, name, secret_hash, organization_ids, created_at, revoked_at)
VALUES ('k1', 'other', 'h', '["default"]', 1, NULL), ('k2', 'first', 'h', '["default"]', 2, NULL),
  ('k3', 'first', 'h', '["default"]', 3, NULL);
`;

describe('a database from before the ledger', () => {
  const old = useOldDatabase(3, rows);

  it('lists earlier failures by their code', async () => {
    const { requests: failed } = await old.store.requests.listFailed({ code: failureOutcome.failure.code, limit: 9 });
    expect(failed.map(({ id }) => id)).toEqual(['b-failed']);
  });

  it('has the earlier usage, and budgets count it', async () => {
    const usage = await old.store.budgets.usage({ organizationId: 'org-a', from: '2025-01-01', to: '2026-01-01' });
    const row = { model: 'model-1', apiKeyId: 'key-1', success: 0, failed: 0, cancelled: 0, pictures: 0 };
    expect(usage).toEqual([
      { ...row, day: '2025-10-29', success: 1, failed: 1, pictures: 2, costMicros: 9 },
      { ...row, day: '2025-10-30', costMicros: 1 },
    ]);
    await old.store.budgets.set({ scope: 'key', id: 'key-1', period: 'month', limitMicros: 99 }, start);
    expect(await old.store.budgets.list({ now: start })).toMatchObject([{ usedMicros: 10 + 2 * 9 }]);
  });

  it("makes the first key the operator's, and no other", async () => {
    const admins = (await old.store.keys.list()).filter(({ scopes }) => scopes.includes('admin'));
    expect(admins.map(({ id }) => id)).toEqual(['k2']);
  });
});
