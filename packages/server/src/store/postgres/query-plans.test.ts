import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, TestDatabases, type TestServer } from '../../../test/postgres/test-database.ts';
import { selectOpenCalls, selectWaiting } from './batch-jobs/batched-calls.ts';
import { removeJobs, selectDueJobs, selectJobs } from './batch-jobs/jobs.ts';
import { selectAttempts } from './calls/attempts.ts';
import { markSent } from './calls/begin-calls.ts';
import { insertPictures, selectLines, updateLines } from './calls/end-calls.ts';
import { endLines } from './calls/leftovers.ts';
import { selectLook } from './claims/claim.ts';
import { selectOver } from './claims/expire.ts';
import { lockLanesOfOrganizations } from './claims/lock-lanes.ts';
import { moveRequests, selectMoving } from './claims/move-up.ts';
import { ahead, behind, sumOthers } from './claims/position.ts';
import { selectDue, updateReady } from './claims/promote.ts';
import { renewLines, renewRequests } from './claims/renew.ts';
import { selectLost, selectOrphans } from './claims/rescue.ts';
import { leaseRequests, updateTurns } from './claims/take.ts';
import { selectFirstLanes, selectReady } from './claims/waiting-lines.ts';
import { toConnectionSettings } from './database/connection-settings.ts';
import type { Statement } from './database/statement.ts';
import { selectAfter, selectEventsOfOrganization, selectEventsOfRequest } from './events/read-events.ts';
import { insertEvents } from './events/record-moments.ts';
import { lockOpenCalls, removeOldCalls, selectFacts, updateJoined } from './open-calls/open-calls.ts';
import { removeDeliveries, selectFirstDeliveries } from './removals/forget-deliveries.ts';
import { selectOrganizations } from './removals/list-organizations.ts';
import { lockUnneeded, selectEnded, selectExpired, selectRead } from './removals/prune.ts';
import { lockGoingRequest, selectEndedOf } from './removals/remove.ts';
import {
  insertTombstones,
  markBare,
  removeHashes,
  removePictureRows,
  removeRows,
  selectAnswers,
  selectInline,
  selectUses,
} from './removals/remove-requests.ts';
import { lockGoingUploads, removeUploadRows, selectUploads, selectUsed } from './removals/remove-uploads.ts';
import {
  endDue,
  leaseDue,
  lockDue,
  removeEndedNames,
  removeObjectKeys,
  removeTombstones,
  selectRemoved,
} from './removals/removed-media.ts';
import { selectTombstones } from './removals/tombstones.ts';
import { updateRequests } from './requests/change-requests.ts';
import { selectRequests } from './requests/find.ts';
import { selectAnswer } from './requests/find-answer.ts';
import { selectPicture, selectPictureByHash, selectPictures, selectSentPictures } from './requests/find-pictures.ts';
import { removeKeys } from './requests/idempotency.ts';
import { selectPage } from './requests/list.ts';
import { selectFailed, selectFailedOfOrganization } from './requests/list-failed.ts';
import { lockHeld, lockLanesOfRequests, lockRows } from './requests/lock-requests.ts';
import { selectKnown } from './requests/replay.ts';
import { requeueRequests } from './requests/requeue.ts';
import { selectQueuedOfKeys } from './requests/submit.ts';
import { lockEnded, lockUploads, markEnded, removeLengths, removeUploads, updateUsed } from './uploads/uploads.ts';
import { selectLoads } from './upstreams/upstream-states.ts';
import { selectDueLanes, updateFirst } from './webhooks/claim-deliveries.ts';
import { selectDeliveriesOfRequest, selectOfLanes } from './webhooks/list-deliveries.ts';
import { insertDeliveries, selectNews } from './webhooks/outbox.ts';
import { upsertLanes } from './webhooks/webhook-lanes.ts';

/**
 * The rows of a service that has run for a while. `organization` and `status` are SQL for those of the n-th request; status 0 is
 * queued.
 */
const toRows = (requests: number, { organization, status }: { organization: string; status: string }): string => `
INSERT INTO requests (id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at, lease_token,
  lease_expires_at, worker, estimated_cost_micros, cost_micros, created_at, queued_at, updated_at, deadline_at, outcome,
  failure_code)
SELECT id, organization_id, 'key-1', 'model-' || n % 2, status, status = 'queued' AND n % 2 = 0, 0, 1, n, token, n + token_ms,
  token, 1, 1, n, n, n, n, CASE WHEN status IN ('success', 'failed') THEN '{}' END,
  CASE WHEN status = 'failed' THEN 'prompt_blocked' END
FROM (
  SELECT n, lpad(n::text, 12, '0') AS id, 'org-' || ${organization} AS organization_id, status,
    CASE WHEN status = 'processing' THEN 'token' END AS token, CASE WHEN status = 'processing' THEN 0 END AS token_ms
  FROM generate_series(1, ${requests}) AS n CROSS JOIN LATERAL (
    SELECT CASE ${status} WHEN 0 THEN 'queued' WHEN 1 THEN 'processing' WHEN 2 THEN 'failed' ELSE 'success' END AS status
  ) AS chosen
) AS made;
INSERT INTO payloads (request_id, payload, work) SELECT id, '{}', '{}' FROM requests;
INSERT INTO attempts (request_id, number, image_index, lease_token, worker, upstream, model, started_at, sent_at,
  lease_expires_at, ended_at, result, estimated_micros, cost_micros, is_possibly_billed)
SELECT id, 1, 0, 'token', 'w', 'upstream-1', model, created_at, created_at, created_at,
  CASE WHEN status <> 'processing' THEN 1 END, CASE WHEN status <> 'processing' THEN 'succeeded' END, 1, 1, false FROM requests;
INSERT INTO pictures (name, request_id, number, image_index) SELECT request_id || '.png', request_id, 1, 0 FROM attempts;
INSERT INTO picture_hashes SELECT organization_id, id, id || '.png' FROM requests LIMIT 9999;
INSERT INTO sent_pictures (name, bytes) SELECT 'sent-' || request_id, 1 FROM attempts;
INSERT INTO events (seq, request_id, organization_id, at, moment)
SELECT row_number() OVER (ORDER BY id), id, organization_id, 1, '{}' FROM requests CROSS JOIN generate_series(1, 2);
INSERT INTO open_calls SELECT id, 'key-1', id, 1, NULL, created_at FROM requests LIMIT 9999;
INSERT INTO batch_jobs (id, upstream, model, calls, state, created_at, next_at, ended_at)
SELECT id, 'upstream-1', 'model', 1, 'succeeded', created_at, created_at, CASE WHEN status <> 'processing' THEN created_at END
FROM requests;
INSERT INTO idempotency_keys SELECT organization_id, id, 'hash', id, created_at FROM requests;
INSERT INTO webhook_deliveries (id, organization_id, request_id, endpoint_id, url, event, seq, status, tries, created_at,
  next_at, due_at)
SELECT id, organization_id, id, '', 'url', 'event', 1, CASE WHEN status = 'queued' THEN 'pending' ELSE 'delivered' END, 0, 1, 1,
  CASE WHEN status = 'queued' THEN 1 END FROM requests;
INSERT INTO webhook_endpoints (id, organization_id, url, events, created_at, secret_version, failures)
SELECT 'endpoint-' || n, 'org-' || n / 5, 'url', '[]', n, 1, 0 FROM generate_series(0, 9999) AS n;
INSERT INTO webhook_news (seq, request_id, organization_id, at, event)
SELECT row_number() OVER (), id, organization_id, 1, 'event' FROM requests LIMIT 9999;
INSERT INTO uploads (name, organization_id, api_key_id, via, counted_bytes, ends_at)
SELECT 'upload-' || n, 'org-' || n % 50, 'key', 'service', 1, CASE WHEN n % 9 = 0 THEN n END FROM generate_series(0, 9999) AS n;
INSERT INTO picture_uses SELECT 'sent-' || id, id FROM requests LIMIT 9999;
INSERT INTO tombstones SELECT id, organization_id, 'key', model, 'queue', 'success', 1, created_at, 1, created_at, created_at
FROM requests LIMIT 9999;
INSERT INTO removed_media SELECT id, CASE WHEN created_at % 50 = 0 THEN created_at END, created_at FROM requests LIMIT 9999;
UPDATE requests SET retain_ms = 1 WHERE created_at % 50 = 0;
INSERT INTO webhook_lanes (organization_id, endpoint_id, due_at)
SELECT 'org-' || n, '', CASE WHEN n % 50 = 0 THEN n END FROM generate_series(0, 19999) AS n;
ANALYZE;
`;

const walks: readonly (readonly [what: string, statement: Statement, indexes: readonly string[]])[] = [
  ['finds', selectRequests, ['requests_pkey', 'payloads_pkey']],
  ['finds of answers', selectAnswer, ['pictures_pkey', 'attempts_pkey', 'requests_pkey']],
  ['lists', selectPage, ['requests_by_lane']],
  ['lists of failed ones', selectFailed, ['requests_failed']],
  ['lists of failed ones of an organization', selectFailedOfOrganization, ['requests_failed_by_organization']],
  ['attempt logs', selectAttempts, ['attempts_pkey']],
  ['replays', selectKnown, ['idempotency_keys_pkey', 'requests_pkey']],
  ['the end of idempotency keys', removeKeys, ['idempotency_keys_by_age']],
  ['calls that are made again', lockOpenCalls, ['open_calls_by_call']],
  ['their requests', selectFacts, ['requests_pkey']],
  ['joined calls', updateJoined, ['open_calls_pkey']],
  ['the end of open calls', removeOldCalls, ['open_calls_by_age']],
  ['queued requests of keys', selectQueuedOfKeys, ['requests_queued_by_key']],
  ['locks of lanes', lockLanesOfOrganizations, ['lanes_pkey']],
  ['locks of the lanes of requests', lockLanesOfRequests, ['lanes_pkey', 'requests_pkey']],
  ['locks of requests', lockRows, ['requests_pkey']],
  ['locks of leases', lockHeld, ['requests_pkey']],
  ['looks for what is ready or due', selectLook, ['lanes_ready', 'requests_waiting']],
  ['searches for the lanes whose turn it is', selectFirstLanes, ['lanes_ready']],
  ['searches for the first ready requests', selectReady, ['requests_ready']],
  ['searches for those that are due', selectDue, ['requests_waiting']],
  ['promotions', updateReady, ['requests_pkey']],
  ['leases', leaseRequests, ['requests_pkey']],
  ['turns', updateTurns, ['lanes_pkey']],
  ['loads of upstreams', selectLoads, ['attempts_(?:under_way|leased)', 'attempts_by_sent']],
  ['begun calls', markSent, ['attempts_pkey']],
  ['lines of ended calls', selectLines, ['attempts_pkey']],
  ['ends of calls', updateLines, ['attempts_pkey']],
  ['new pictures', insertPictures, ['requests_pkey']],
  ['ends of leftovers', endLines, ['attempts_pkey']],
  ['changes of requests', updateRequests, ['requests_pkey']],
  ['requeues', requeueRequests, ['requests_pkey']],
  ['renewals', renewRequests, ['requests_pkey']],
  ['renewals of lines', renewLines, ['attempts_pkey']],
  ['rescues', selectLost, ['requests_leased']],
  ['rescues of lines', selectOrphans, ['attempts_leased']],
  ['requests to move up', selectMoving, ['requests_moving_up']],
  ['moves', moveRequests, ['requests_pkey']],
  ['what waits for a batch job', selectWaiting, ['lanes_ready', 'requests_ready']],
  ['open calls of a batch job', selectOpenCalls, ['attempts_in_jobs', 'requests_pkey']],
  ['batch jobs that are due', selectDueJobs, ['batch_jobs_due']],
  ['lists of batch jobs', selectJobs, ['batch_jobs_ended', 'attempts_in_jobs']],
  ['the end of batch jobs', removeJobs, ['batch_jobs_ended']],
  ['deadlines', selectOver, ['requests_by_deadline', 'requests_held_by_deadline']],
  ['new events', insertEvents, ['requests_pkey']],
  ['histories of all', selectAfter, ['events_pkey']],
  ['histories of a request', selectEventsOfRequest, ['events_by_request']],
  ['histories of an organization', selectEventsOfOrganization, ['events_by_organization']],
  ['positions ahead', ahead.samePriority, ['requests_ready']],
  ['positions ahead in other priorities', ahead.otherPriority, ['requests_ready']],
  ['positions behind', behind.samePriority, ['requests_ready']],
  ['positions behind in other priorities', behind.otherPriority, ['requests_ready']],
  ['positions among organizations', sumOthers, ['lanes_ready']],
  ['new deliveries', insertDeliveries, ['webhook_deliveries_in_line']],
  ['searches for what is to be told', selectNews, ['webhook_news_pkey', 'webhook_endpoints_in_order']],
  ['locks of uploads', lockUploads, ['uploads_pkey']],
  ['uses of uploads', updateUsed, ['uploads_pkey']],
  ['searches for unused uploads', lockEnded, ['uploads_ending']],
  ['ends of uploads', markEnded, ['uploads_pkey']],
  ['removals of uploads', removeUploads, ['uploads_pkey']],
  ['searches for a picture', selectPicture, ['pictures_pkey', 'attempts_pkey', 'sent_pictures_pkey']],
  ['searches for a picture by its bytes', selectPictureByHash, ['picture_hashes_pkey']],
  ['lists of pictures', selectPictures, ['pictures_pkey', 'attempts_pkey']],
  ['lists of sent pictures', selectSentPictures, ['sent_pictures_pkey']],
  ['ends of lengths', removeLengths, ['sent_pictures_pkey']],
  ['lanes of deliveries', upsertLanes, ['webhook_deliveries_due']],
  ['searches for due deliveries', selectDueLanes, ['webhook_lanes_due']],
  ['claims of deliveries', updateFirst, ['webhook_deliveries_due', 'webhook_deliveries_pkey']],
  ['lists of deliveries', selectOfLanes, ['webhook_deliveries_by_lane']],
  ['searches for what ended first', selectEnded, ['requests_ended']],
  ['searches for what expires', selectExpired, ['requests_expiring']],
  ['questions who needs a request', lockUnneeded, ['requests_pkey']],
  ['questions who reads a picture', selectRead, ['picture_uses_pkey', 'requests_pkey']],
  ['searches for what a request has', selectInline, ['requests_pkey', 'payloads_pkey', 'idempotency_keys_by_age']],
  ['searches for its answers', selectAnswers, ['attempts_pkey']],
  ['searches for what it uses', selectUses, ['picture_uses_by_request']],
  ['tombstones', insertTombstones, ['requests_pkey']],
  ['removals of requests', removeRows, ['requests_pkey']],
  ['removals of hashes', removeHashes, ['picture_hashes_pkey']],
  ['removals of pictures', removePictureRows, ['pictures_by_attempt']],
  ['marks of records without pictures', markBare, ['requests_pkey']],
  ['locks of uploads that go', lockGoingUploads, ['uploads_pkey']],
  ['removals of rows of uploads', removeUploadRows, ['uploads_pkey']],
  ['leases of bytes to remove', leaseDue, ['removed_media_pkey']],
  ['removals of keys', removeObjectKeys, ['removed_media_pkey']],
  ['locks of a request that goes', lockGoingRequest, ['requests_pkey']],
  ['searches for all of an organization', selectEndedOf, ['requests_ended']],
  ['searches for its uploads', selectUploads, ['uploads_by_organization']],
  ['searches for used uploads', selectUsed, ['picture_uses_pkey']],
  ['searches for tombstones', selectTombstones, ['tombstones_pkey']],
  ['searches for removed pictures', selectRemoved, ['removed_media_pkey']],
  ['searches for bytes to remove', lockDue, ['removed_media_due']],
  ['ends of removed bytes', endDue, ['removed_media_pkey']],
  ['the end of removed names', removeEndedNames, ['removed_media_ending']],
  ['the end of tombstones', removeTombstones, ['tombstones_ending']],
  ['searches for the first deliveries', selectFirstDeliveries, ['webhook_deliveries_pkey']],
  ['removals of deliveries', removeDeliveries, ['webhook_deliveries_pkey']],
  ['lists of organizations', selectOrganizations, ['lanes_pkey']],
  ['lists of deliveries of a request', selectDeliveriesOfRequest, ['webhook_deliveries_by_request']],
];

const tables =
  'requests|picture_uses|tombstones|removed_media|uploads|sent_pictures|open_calls|picture_hashes|webhook_news|webhook_endpoints|payloads|attempts|pictures|events|idempotency_keys|webhook_deliveries|lanes';

describe('the plans of the PostgreSQL store, made for any values', () => {
  let server: TestServer;
  let databases: TestDatabases;
  beforeAll(async () => {
    server = await startTestServer();
    databases = new TestDatabases(server);
  });
  afterAll(() => server.stop());

  describe('on 50,000 requests of 10,000 organizations', () => {
    let client: pg.Client;
    beforeAll(async () => {
      client = new pg.Client({ connectionString: await databases.take() });
      await client.connect();
      await client.query(toRows(50_000, { organization: 'n % 10000', status: 'n / 10 % 20' }));
      await client.query('SET plan_cache_mode = force_generic_plan');
    }, 60_000);
    afterAll(() => client.end());

    it.each(walks)('%s walk indexes and read no other rows', async (_what, statement, indexes) => {
      const plan = await explain(client, statement);
      for (const index of indexes) expect(plan).toMatch(new RegExp(`using ${index} |on ${index}\\b`));
      expect(plan).not.toMatch(new RegExp(`Seq Scan on (${tables})\\b`));
    });

    it('walk lists between two ids, so that dates cost nothing', async () => {
      const plan = await explain(client, { ...selectPage, name: 'dates' });
      expect(plan).toMatch(/Index Cond: \(\(organization_id .*\(id >= \$8\) AND \(id < \$4\)\)/);
    });
  });

  describe('on 10,000 requests of one organization', () => {
    let client: pg.Client;
    beforeAll(async () => {
      client = new pg.Client(toConnectionSettings(await databases.take()).client);
      await client.connect();
      await client.query(toRows(10_000, { organization: '1', status: 'n / 10 % 4' }));
      await client.query(
        `INSERT INTO lanes (organization_id, model, ready) SELECT 'idle-' || n, 'model-0', 1 FROM generate_series(1, 4000) AS n;
         ANALYZE lanes`,
      );
    }, 60_000);
    afterAll(() => client.end());

    it.each(walks)('%s scan no table, and join only the rows that they walk', async (_what, statement) => {
      const plan = await explain(client, statement);
      expect(plan).not.toMatch(new RegExp(`Seq Scan on (${tables})\\b`));
      expect(plan).not.toMatch(/(Hash|Merge)( \w+)* Join/);
    });
  });

  describe('on none, as a new server makes them and keeps them until its tables are analyzed', () => {
    let client: pg.Client;
    beforeAll(async () => {
      client = new pg.Client(toConnectionSettings(await databases.take()).client);
      await client.connect();
    });
    afterAll(() => client.end());

    it.each(walks)('%s scan no table, and never walk a whole index of ended requests', async (_what, statement) => {
      const plan = await explain(client, statement);
      expect(plan).not.toMatch(new RegExp(`Seq Scan on (${tables})\\b`));
      expect(listWholeWalks(plan)).toEqual([]);
    });
  });
});

/** Indexes of what is ready, under way or pending: they stay short however much has ended. */
const openIndexes = 'lanes_ready|attempts_leased|webhook_deliveries_in_line';

/** The steps that read every row of an index: without a condition, and without a limit above them that ends the walk. */
function listWholeWalks(plan: string): readonly string[] {
  const steps = plan.split(/^(?= *->)/m);
  return steps.filter(
    (step, index) =>
      new RegExp(`Index (Only )?Scan .*(${tables})`).test(step) &&
      !step.includes('Index Cond') &&
      !new RegExp(openIndexes).test(step) &&
      !/^ *-> +Limit/.test(steps[index - 1] ?? ''),
  );
}

async function explain(client: pg.Client, { name, text }: Statement): Promise<string> {
  const places = [...text.matchAll(/\$(\d+)/g)].map(([, place]) => Number(place));
  const values = Array.from({ length: Math.max(0, ...places) }, () => 'NULL').join(', ');
  await client.query(`PREPARE ${name} AS ${text}`);
  const plan = await client.query({ text: `EXPLAIN EXECUTE ${name} ${values && `(${values})`}`, rowMode: 'array' });
  return plan.rows.map(([line]) => String(line)).join('\n');
}
