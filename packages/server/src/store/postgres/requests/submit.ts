import { toObjection } from '../../decisions/submits.ts';
import type { NewRequest, SubmitResult } from '../../request-store.ts';
import { toSentPictures } from '../../rows/picture-rows.ts';
import { toCostColumns, toJson, toQueuedRequest, toTierColumns, toWork } from '../../rows/request-rows.ts';
import { LockedBudgets } from '../budgets/budgets.ts';
import { ensureLanes, type LockedLane } from '../claims/lock-lanes.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { recordMoments } from '../events/record-moments.ts';
import { joinAll, keepOpenCalls } from '../open-calls/open-calls.ts';
import { useUploads } from '../uploads/uploads.ts';
import { keepIdempotencyKeys } from './idempotency.ts';
import { replayAll } from './replay.ts';

/**
 * Handles any number of submits in one transaction of four to ten statements, and up to five more when calls stay
 * open. Their lanes are locked first: no other transaction
 * fills the queue, draws on the budgets or uses the idempotency keys of these organizations between the checks and the insert.
 */
export async function submitAll(session: Session, requests: readonly NewRequest[]): Promise<readonly SubmitResult[]> {
  const lanes = await ensureLanes(
    session,
    requests.map((request) => ({ ...request, model: toTierColumns(request).lane })),
  );
  const budgets = lanes[0]?.has_budgets ? await LockedBudgets.lock(session, requests) : undefined;
  const withKey = requests.filter(hasIdempotency);
  const replay = await replayAll(
    session,
    withKey.map(({ organizationId, idempotency, createdAt }) => ({ organizationId, idempotency, now: createdAt })),
  );
  const withCall = requests.filter(hasCall);
  const join = await joinAll(
    session,
    withCall.map((request) => ({ ...toJoiningCall(request), now: request.createdAt })),
  );
  const queued = toQueued(lanes);
  const queuedOfKeys = await countOfKeys(session, requests);
  const results = requests.map((request): SubmitResult => {
    const replayed = hasIdempotency(request) ? replay(request) : undefined;
    const known = replayed ?? (hasCall(request) ? join(toJoiningCall(request)) : undefined);
    const inQueue = queued.get(request.organizationId) ?? 0;
    const findOverdrawn = () => budgets?.findOverdrawn(request);
    const refused =
      known ??
      toObjection(request, {
        queued: inQueue,
        queuedOfKey: () => queuedOfKeys.get(request.apiKeyId) ?? 0,
        findOverdrawn,
      });
    return refused ?? accept(request, { queued, queuedOfKeys, budgets });
  });
  const accepted = requests.filter((_, index) => results[index]?.kind === 'submitted');
  if (accepted.length === 0) return results;
  await useUploads(session, [...new Set(accepted.flatMap(({ uses = [] }) => uses))]);
  await Promise.all([
    insert(session, accepted),
    insertUses(session, accepted),
    insertSent(session, accepted),
    keepIdempotencyKeys(
      session,
      accepted.filter(hasIdempotency).map((request) => ({ ...request, requestId: request.id })),
    ),
    keepOpenCalls(
      session,
      accepted
        .filter(hasCall)
        .map(({ id, apiKeyId, call, createdAt }) => ({ ...call, requestId: id, apiKeyId, createdAt })),
    ),
    recordMoments(
      session,
      accepted.map(({ id, createdAt }) => ({ requestId: id, at: createdAt, moment: { kind: 'queued' } })),
    ),
  ]);
  return results;
}

function hasIdempotency<T extends NewRequest>(request: T): request is T & Required<Pick<NewRequest, 'idempotency'>> {
  return request.idempotency !== undefined;
}

function hasCall<T extends NewRequest>(request: T): request is T & Required<Pick<NewRequest, 'call'>> {
  return request.call !== undefined;
}

function toJoiningCall({ organizationId, apiKeyId, call }: NewRequest & Required<Pick<NewRequest, 'call'>>) {
  return { ...call, organizationId, apiKeyId };
}

/** What is already used, and what the batch has added so far. */
interface Room {
  /** How many requests each organization has queued. */
  readonly queued: Map<string, number>;
  /** The same of the keys that have such a limit. */
  readonly queuedOfKeys: Map<string, number>;
  readonly budgets: LockedBudgets | undefined;
}

function toQueued(lanes: readonly LockedLane[]): Map<string, number> {
  const queued = new Map<string, number>();
  for (const { organization_id: id, queued: count } of lanes) queued.set(id, (queued.get(id) ?? 0) + count);
  return queued;
}

export const selectQueuedOfKeys = toStatement<{ readonly api_key_id: string; readonly queued: number }>(
  `SELECT key.api_key_id, walk.queued FROM unnest($1::text[], $2::bigint[]) AS key (api_key_id, most)
   CROSS JOIN LATERAL (
     SELECT count(*) AS queued FROM (
       SELECT 1 FROM requests WHERE requests.api_key_id = key.api_key_id AND status = 'queued' LIMIT key.most
     ) AS walked
   ) AS walk`,
);

/**
 * Of the keys that have a limit of queued requests. A key of several organizations may have one more in each of them, since only
 * the lanes of an organization are locked.
 */
async function countOfKeys(session: Session, requests: readonly NewRequest[]): Promise<Map<string, number>> {
  const limits = new Map(
    requests.flatMap(({ apiKeyId, maxQueuedOfKey: most }) => (most === undefined ? [] : [[apiKeyId, most] as const])),
  );
  const rows = limits.size === 0 ? [] : await session.all(selectQueuedOfKeys, [...limits.keys()], [...limits.values()]);
  return new Map(rows.map((row) => [row.api_key_id, row.queued]));
}

function accept(request: NewRequest, { queued, queuedOfKeys, budgets }: Room): SubmitResult {
  const { organizationId, apiKeyId } = request;
  queuedOfKeys.set(apiKeyId, (queuedOfKeys.get(apiKeyId) ?? 0) + 1);
  queued.set(organizationId, (queued.get(organizationId) ?? 0) + 1);
  budgets?.reserve(request);
  return { kind: 'submitted', request: toQueuedRequest(request) };
}

const insertRequests = toStatement(
  `WITH inserted AS (
     INSERT INTO requests (
       id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at, estimated_cost_micros,
       cost_micros, created_at, queued_at, updated_at, deadline_at, webhook, wire, allows_stand_in, service_tier, moves_up_at,
       ordered_cost_micros, retain_ms, traceparent
     )
     SELECT id, organization_id, api_key_id, model, 'queued', true, priority, 0, created_at, estimated_cost_micros,
       0, created_at, created_at, created_at, deadline_at, webhook, wire, allows_stand_in, service_tier, moves_up_at,
       ordered_cost_micros, retain_ms, traceparent
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
       $9::text[], $10::text[], $14::boolean[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[], $19::text[]) AS given (id,
       organization_id, api_key_id, model, priority, estimated_cost_micros, created_at, deadline_at, webhook, wire, allows_stand_in,
       service_tier, moves_up_at, ordered_cost_micros, retain_ms, traceparent)
   )
   INSERT INTO payloads (request_id, payload, inline, work)
   SELECT * FROM unnest($1::text[], $11::text[], $12::text[], $13::text[])`,
);

async function insert(session: Session, requests: readonly NewRequest[]): Promise<void> {
  const columns = requests.map(toTierColumns);
  const costs = requests.map(toCostColumns);
  await session.run(
    insertRequests,
    requests.map(({ id }) => id),
    requests.map(({ organizationId }) => organizationId),
    requests.map(({ apiKeyId }) => apiKeyId),
    columns.map(({ lane }) => lane),
    requests.map(({ priority }) => priority),
    costs.map(({ reserved }) => reserved),
    requests.map(({ createdAt }) => createdAt),
    requests.map(({ deadlineAt }) => deadlineAt),
    requests.map(({ webhook }) => toJson(webhook)),
    requests.map(({ wire }) => wire),
    requests.map(({ payload }) => payload),
    requests.map(({ inline }) => (inline.length > 0 ? toJson(inline) : null)),
    requests.map(({ order }) => toWork(order)),
    requests.map(({ allowsStandIn = true }) => allowsStandIn),
    columns.map(({ serviceTier }) => serviceTier),
    columns.map(({ movesUpAt }) => movesUpAt),
    costs.map(({ ordered }) => ordered),
    requests.map(({ retainMs }) => retainMs ?? null),
    requests.map(({ traceparent }) => traceparent ?? null),
  );
}

const insertPictureUses = toStatement(
  'INSERT INTO picture_uses (name, request_id) SELECT * FROM unnest($1::text[], $2::text[])',
);

async function insertUses(session: Session, requests: readonly NewRequest[]): Promise<void> {
  const used = requests.flatMap(({ id, uses = [] }) => uses.map((name) => ({ id, name })));
  if (used.length === 0) return;
  await session.run(
    insertPictureUses,
    used.map(({ name }) => name),
    used.map(({ id }) => id),
  );
}

const insertSentPictures = toStatement(
  `INSERT INTO sent_pictures (name, bytes, owner_id, owner_key_id)
   SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[])`,
);

async function insertSent(session: Session, requests: readonly NewRequest[]): Promise<void> {
  const pictures = requests.flatMap(({ inline, organizationId, apiKeyId }) =>
    toSentPictures(inline).map((picture) => ({ ...picture, organizationId, apiKeyId })),
  );
  if (pictures.length === 0) return;
  await session.run(
    insertSentPictures,
    pictures.map(({ name }) => name),
    pictures.map(({ bytes }) => bytes),
    pictures.map(({ organizationId }) => organizationId),
    pictures.map(({ apiKeyId }) => apiKeyId),
  );
}
