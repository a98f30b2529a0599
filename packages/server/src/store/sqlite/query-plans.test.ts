import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditStore } from './audit/audit-store.ts';
import { createBacklogStore } from './backlog/backlog-store.ts';
import { createBatchJobStore } from './batch-jobs/batch-job-store.ts';
import { GroupCommit } from './database/group-commit.ts';
import { ReadTurn } from './database/read-turn.ts';
import { createEventStore } from './events/event-store.ts';
import { createOpenCallStore } from './open-calls/open-call-store.ts';
import { openDatabase } from './open-sqlite-store.ts';
import { createRemovalStore } from './removals/removal-store.ts';
import { preparePassOver } from './requests/pass-over.ts';
import { RecentRequests } from './requests/recent-requests.ts';
import { createRequestStore } from './requests/request-store.ts';
import { createUploadStore } from './uploads/upload-store.ts';
import { createUpstreamStore } from './upstreams/upstream-store.ts';
import { createWebhookStore } from './webhooks/webhook-store.ts';

/** Records what was prepared on it. */
class RecordingDatabase extends DatabaseSync {
  readonly prepared: string[] = [];
  override prepare(sql: string) {
    this.prepared.push(sql);
    return super.prepare(sql);
  }
}

describe('the query plans of the stores', () => {
  let folder: string;
  let db: RecordingDatabase;
  let plans: { readonly sql: string; readonly steps: readonly string[] }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'darkroom-plans-'));
    const file = join(folder, 'darkroom.db');
    openDatabase(file).close();
    db = new RecordingDatabase(file);
    const reads = new ReadTurn({ reader: db, writer: db }, () => undefined);
    const commits = new GroupCommit(db, { reads, log: undefined });
    createRequestStore(db, {
      commits,
      reads,
      recent: new RecentRequests(),
      logger: undefined,
      close: async () => undefined,
    });
    createUpstreamStore(db, { commits, reads });
    createEventStore({ reads, logger: undefined });
    createWebhookStore(db, { commits, reads, logger: undefined });
    createUploadStore(db, { commits, reads });
    createOpenCallStore(db, { commits });
    createRemovalStore(db, { commits, reads, recent: new RecentRequests() });
    createBatchJobStore(db, { commits, reads });
    const audit = createAuditStore(db, { commits, reads });
    const cursor = { at: 1, seq: 1 };
    const page = { limit: 1, cursor, from: 1, before: 2 };
    for (const one of [
      { actorId: 'a' },
      { action: 'key.created' },
      { target: 'a' },
      { organizationId: 'a' },
      {},
    ] as const)
      for (const query of [
        { ...one, limit: 1 },
        { ...one, ...page },
      ])
        await audit.list(query);
    const pair = { model: 'model-1', status: 'queued', count: 1 } as const;
    preparePassOver(db)({ organizationId: 'org-a', limit: 1 }, [pair, pair, pair], 1);
    plans = [...new Set(db.prepared)].map((sql) => ({
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

  it('never walk all requests, payloads, attempts, events or deliveries', () => {
    expect(plans.length).toBeGreaterThan(40);
    expect(
      stepsThat(
        /^SCAN (requests|payloads|attempts|uploads|sent_pictures|open_calls|picture_hashes|picture_uses|tombstones|removed_media|webhook_(deliveries|endpoints))/,
      ),
    ).toEqual([]);
    // The last event, from the end.
    expect(stepsThat(/^SCAN events/)).toEqual(['SCAN events']);
  });

  it('of the backlog walk the lanes, and take the oldest of each, and of each code, from an index', () => {
    const before = db.prepared.length;
    createBacklogStore({ reads: new ReadTurn({ reader: db, writer: db }, () => undefined) });
    const steps = db.prepared.slice(before).flatMap((sql) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map((row) => String(row['detail'])),
    );
    expect(steps.filter((step) => /^(SCAN|SEARCH) (requests|webhook)/.test(step))).toEqual([
      expect.stringMatching(/^SEARCH requests USING INDEX requests_by_lane/),
      expect.stringMatching(/^SEARCH webhook_lanes USING COVERING INDEX webhook_lanes_due/),
      expect.stringMatching(/^SEARCH requests USING INDEX requests_failed \(failure_code=\?\)/),
    ]);
    expect(steps.filter((step) => /TEMP B-TREE FOR ORDER BY/.test(step))).toEqual([]);
  });

  it('never walk all lanes: claims read only those of models with room, the smallest turn first', () => {
    expect(stepsThat(/^SCAN lanes/)).toEqual([]);
    const step = 'SEARCH lanes USING INDEX lanes_ready (model=?)';
    // The statement of claims, that of positions, which ends after a thousand, and that of batch jobs, which ends when one is full.
    expect(stepsThat(/^SEARCH lanes .*lanes_ready/)).toEqual([step, step, step]);
  });

  it('never sort', () => {
    expect(stepsThat(/TEMP B-TREE/)).toEqual([]);
  });

  it.each([
    [
      'positions count ahead within a priority',
      'requests_ready (organization_id=? AND model=? AND priority=? AND id<?)',
    ],
    ['positions count ahead in higher ones', 'requests_ready (organization_id=? AND model=? AND priority>?)'],
    ['histories of a request', 'events_by_request (request_id=? AND rowid>?)'],
    ['histories of an organization', 'events_by_organization (organization_id=? AND rowid>?)'],
    [
      'lists of deliveries',
      'webhook_deliveries_by_lane (organization_id=? AND endpoint_id=? AND status=? AND rowid<?)',
    ],
    ['lists of deliveries of a request', 'webhook_deliveries_by_request (request_id=? AND rowid<?)'],
    ['claims of deliveries', 'webhook_deliveries_due (organization_id=? AND endpoint_id=? AND due_at<?)'],
    ['searches for lanes with due deliveries', 'webhook_lanes_due (due_at<?)'],
    ['claims promote what has become due', 'requests_waiting (available_at<?)'],
    ['lists', 'requests_by_lane (organization_id=? AND model=? AND status=? AND id>? AND id<?)'],
    ['rescues', 'requests_leased (lease_expires_at<?)'],
    ['moves to the next service tier', 'requests_moving_up (moves_up_at<?)'],
    ['batch jobs that are due', 'batch_jobs_due (next_at<?)'],
    ['ends of old batch jobs', 'batch_jobs_ended (ended_at<?)'],
    ['open calls of batch jobs', 'attempts_in_jobs (batch_job=?)'],
    ['expiries', 'requests_by_deadline (deadline_at<?)'],
    ['expiries of what is held', 'requests_held_by_deadline (deadline_at<?)'],
    ['lists of failed ones', 'requests_failed (failure_code=? AND id<?)'],
    [
      'lists of failed ones of an organization',
      'requests_failed_by_organization (organization_id=? AND failure_code=? AND id<?)',
    ],
    ['counts of calls under way', 'attempts_under_way (upstream=? AND model=?)'],
    ['rescues of lines', 'attempts_leased (lease_expires_at<?)'],
    ['calls that are made again', 'open_calls_by_call (api_key_id=? AND hash=? AND created_at>?)'],
    ['ends of old open calls', 'open_calls_by_age (created_at<?)'],
    ['searches for unused uploads', 'uploads_ending (ends_at<?)'],
    [
      'searches for what ended first',
      'requests_ended (organization_id=? AND status=? AND is_bare=? AND (updated_at,id)>(?,?) AND updated_at<?)',
    ],
    ['searches for what expires', 'requests_expiring (<expr>>? AND <expr><?)'],
    ['searches for uploads of an organization', 'uploads_by_organization (organization_id=?)'],
    ['searches for bytes to remove', 'removed_media_due (due_at<?)'],
    ['the end of removed names', 'removed_media_ending (ends_at<?)'],
    ['the end of tombstones', 'tombstones_ending (ends_at<?)'],
    ['audit logs by who', 'audit_by_actor (actor_id=?)'],
    ['audit logs by what', 'audit_by_action (action=? AND at>? AND at<?)'],
    ['audit logs by target', 'audit_by_target (target=? AND at>? AND at<?)'],
    ['audit logs by organization', 'audit_by_organization (organization_id=? AND at>? AND at<?)'],
    ['audit logs by time', 'audit_by_time (at>? AND at<?)'],
    ['endpoints that have still to be told', 'webhook_endpoints_in_order (organization_id=? AND id>?)'],
  ])('%s walk %s', (_what, index) => {
    const found = stepsThat(
      /^SEARCH (requests|attempts|events|uploads|open_calls|batch_jobs|removed_media|tombstones|audit|webhook_deliveries|webhook_lanes|webhook_endpoints)/,
    ).filter((step) => step.endsWith(`INDEX ${index}`));
    expect(found).not.toEqual([]);
  });

  it('take the best ready request of a lane, for its own model or another, and its first and its last for an estimate, from the index', () => {
    const step = 'SEARCH requests USING INDEX requests_ready (organization_id=? AND model=?)';
    const found = stepsThat(/requests_ready \(organization_id=\? AND model=\?\)/);
    // The last one counts what waits for a batch job.
    expect(found).toEqual([step.replace('INDEX', 'COVERING INDEX'), step, step, step, step]);
  });

  it('read the windows of a minute, its pictures, and of ten minutes from their beginning', () => {
    const step = 'SEARCH attempts USING INDEX attempts_by_sent (upstream=? AND model=? AND sent_at>?)';
    expect(stepsThat(/attempts_by_sent/)).toEqual([step.replace('INDEX', 'COVERING INDEX'), step, step]);
  });
});
