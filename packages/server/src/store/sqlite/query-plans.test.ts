import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';
import { openDatabase } from './open-sqlite-store.ts';
import { ReadTurn } from './read-turn.ts';
import { RecentRequests } from './recent-requests.ts';
import { createRequestStore } from './request-store.ts';

/** Remembers what was prepared on it. */
class RecordingDatabase extends DatabaseSync {
  readonly prepared: string[] = [];
  override prepare(sql: string) {
    this.prepared.push(sql);
    return super.prepare(sql);
  }
}

describe('the query plans of the request store', () => {
  let folder: string;
  let db: RecordingDatabase;
  let plans: { readonly sql: string; readonly steps: readonly string[] }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-plans-'));
    const file = join(folder, 'darkroom.db');
    openDatabase(file).close();
    db = new RecordingDatabase(file);
    const reads = new ReadTurn(db, () => undefined);
    const commits = new GroupCommit(db, reads);
    createRequestStore(db, { commits, reads, recent: new RecentRequests(), close: async () => undefined });
    plans = [...db.prepared].map((sql) => ({
      sql,
      steps: db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map((row) => String(row['detail'])),
    }));
  });
  afterAll(async () => {
    db.close();
    await rm(folder, { recursive: true });
  });

  const stepsThat = (pattern: RegExp) => plans.flatMap(({ steps }) => steps.filter((step) => pattern.test(step)));

  it('never walk all requests, payloads or attempts', () => {
    expect(plans.length).toBeGreaterThan(20);
    expect(stepsThat(/^SCAN (requests|payloads|attempts)/)).toEqual([]);
  });

  it('walk lanes only from the smallest turn', () => {
    expect(new Set(stepsThat(/^SCAN lanes/))).toEqual(new Set(['SCAN lanes USING INDEX lanes_by_turn']));
  });

  it('never sort', () => {
    expect(stepsThat(/TEMP B-TREE/)).toEqual([]);
  });

  it.each([
    ['claims take the best ready request', 'requests_ready (organization_id=? AND model=?)'],
    ['claims promote what has become due', 'requests_waiting (available_at<?)'],
    ['lists', 'requests_by_lane (organization_id=? AND model=? AND status=? AND id<?)'],
    ['rescues', 'requests_leased (lease_expires_at<?)'],
    ['expiries', 'requests_by_deadline (deadline_at<?)'],
  ])('%s walk %s', (_what, index) => {
    const found = stepsThat(/^SEARCH requests/).filter((step) => step.endsWith(`INDEX ${index}`));
    expect(found).toHaveLength(1);
  });
});
