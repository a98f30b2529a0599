import type { DatabaseSync } from 'node:sqlite';
import { toObjection } from '../../decisions/submits.ts';
import type { NewRequest, SubmitResult } from '../../request-store.ts';
import { toSentPictures } from '../../rows/picture-rows.ts';
import { toCostColumns, toJson, toQueuedRequest, toTierColumns, toWork } from '../../rows/request-rows.ts';
import { prepareFindOverdrawn } from '../budgets/budgets.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordFirstMoment } from '../events/record-moments.ts';
import { prepareJoin, prepareKeepOpenCall } from '../open-calls/open-calls.ts';
import { prepareUseUploads } from '../uploads/uploads.ts';
import { prepareKeepIdempotencyKey } from './idempotency.ts';
import { prepareReplay } from './replay.ts';

/** All checks and the insert that they allow, in one transaction. */
export function prepareSubmit(db: DatabaseSync): (request: NewRequest) => SubmitResult {
  const replay = prepareReplay(db);
  const join = prepareJoin(db);
  const look = prepareLook(db);
  const findObjection = prepareFindObjection(db);
  const insert = prepareInsert(db);
  const keepKey = prepareKeepIdempotencyKey(db);
  const keepCall = prepareKeepOpenCall(db);
  const insertUse = prepareCommand(db, 'INSERT INTO picture_uses (name, request_id) VALUES (?, ?)');
  const useUploads = prepareUseUploads(db);
  const record = prepareRecordFirstMoment(db);

  return (request) => {
    const { id: requestId, organizationId, apiKeyId, idempotency, call, createdAt } = request;
    const replayed = idempotency && replay(organizationId, idempotency, createdAt);
    const known = replayed ?? (call && join({ ...call, organizationId, apiKeyId }, createdAt));
    if (known) return known;
    const seen = look(organizationId);
    const refused = findObjection(request, seen);
    if (refused) return refused;
    insert(request);
    for (const name of request.uses ?? []) insertUse.run(name, requestId);
    useUploads(request.uses ?? []);
    const hasWebhooks = request.webhook !== undefined || seen.has_endpoints === 1;
    record({ requestId, organizationId, hasWebhooks, at: createdAt, moment: { kind: 'queued' } });
    if (idempotency) keepKey({ organizationId, ...idempotency, requestId, createdAt });
    if (call) keepCall({ requestId, apiKeyId, hash: call.hash, createdAt });
    return { kind: 'submitted', request: toQueuedRequest(request) };
  };
}

interface Look {
  readonly queued: number;
  readonly has_budgets: number;
  readonly has_endpoints: number;
}

/** What every submit asks, in one statement. */
function prepareLook(db: DatabaseSync): (organizationId: string) => Look {
  const select = prepareQuery<Look>(
    db,
    `SELECT coalesce(sum(queued), 0) AS queued, EXISTS (SELECT 1 FROM budgets) AS has_budgets,
       EXISTS (SELECT 1 FROM webhook_endpoints WHERE organization_id = ?1) AS has_endpoints
     FROM lanes WHERE organization_id = ?1`,
  );
  return (organizationId) => select.get(organizationId) ?? { queued: 0, has_budgets: 0, has_endpoints: 0 };
}

/** Reads nothing more when there are no budgets, and the key has no limit of its own. */
function prepareFindObjection(db: DatabaseSync): (request: NewRequest, look: Look) => SubmitResult | undefined {
  const countOfKey = prepareQuery<{ readonly queued: number }>(
    db,
    `SELECT count(*) AS queued FROM (SELECT 1 FROM requests WHERE api_key_id = ? AND status = 'queued' LIMIT ?)`,
  );
  const findOverdrawn = prepareFindOverdrawn(db);
  return (request, { queued, has_budgets: hasBudgets }) => {
    return toObjection(request, {
      queued,
      queuedOfKey: () => countOfKey.get(request.apiKeyId, request.maxQueuedOfKey ?? 0)?.queued ?? 0,
      findOverdrawn: () => (hasBudgets === 1 ? findOverdrawn(request) : undefined),
    });
  };
}

/** Two inserts, row and payload (migration 001 says why), and one for each inline picture. */
function prepareInsert(db: DatabaseSync): (request: NewRequest) => void {
  const insertRequest = prepareCommand(
    db,
    `INSERT INTO requests (
       id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at, estimated_cost_micros,
       cost_micros, created_at, queued_at, updated_at, deadline_at, webhook, wire, allows_stand_in, service_tier, moves_up_at,
       ordered_cost_micros, retain_ms, traceparent
     ) VALUES (?1, ?2, ?3, ?4, 'queued', 1, ?5, 0, ?6, ?7, 0, ?6, ?6, ?6, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)`,
  );
  const insertPayload = prepareCommand(
    db,
    'INSERT INTO payloads (seq, payload, inline, work) VALUES (last_insert_rowid(), ?, ?, ?)',
  );
  const insertSent = prepareCommand(
    db,
    'INSERT INTO sent_pictures (name, bytes, owner_id, owner_key_id) VALUES (?, ?, ?, ?)',
  );

  return (request) => {
    const { id, organizationId, apiKeyId, payload, priority, createdAt, deadlineAt } = request;
    const { reserved, ordered } = toCostColumns(request);
    const { lane, serviceTier, movesUpAt } = toTierColumns(request);
    insertRequest.run(
      id,
      organizationId,
      apiKeyId,
      lane,
      priority,
      createdAt,
      reserved,
      deadlineAt,
      toJson(request.webhook),
      request.wire,
      request.allowsStandIn === false ? 0 : 1,
      serviceTier,
      movesUpAt,
      ordered,
      request.retainMs ?? null,
      request.traceparent ?? null,
    );
    const inline = request.inline.length > 0 ? toJson(request.inline) : null;
    insertPayload.run(payload, inline, toWork(request.order));
    for (const { name, bytes } of toSentPictures(request.inline)) insertSent.run(name, bytes, organizationId, apiKeyId);
  };
}
