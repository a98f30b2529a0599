import type { ImageRequest, InlinePicture, KeptAnswer } from '../../core/image-request.ts';
import type { EndedStatus } from '../../core/retention.ts';
import { fromLane } from '../../core/service-tiers.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import type { PrunePlace, Removal, Tombstone } from '../removal-store.ts';
import { idempotencyMs } from '../request-store.ts';

/** A row of `tombstones`. */
export interface TombstoneRow {
  readonly request_id: string;
  readonly organization_id: string;
  readonly api_key_id: string;
  readonly model: string;
  readonly wire: string;
  readonly status: EndedStatus;
  readonly cost_micros: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly removed_at: number;
}

export function toTombstone(row: TombstoneRow): Tombstone {
  return {
    id: row.request_id,
    organizationId: row.organization_id,
    apiKeyId: row.api_key_id,
    model: fromLane(row.model).model,
    wire: row.wire,
    status: row.status,
    costMicros: row.cost_micros,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    removedAt: row.removed_at,
  };
}

/** A removed request as its submit is answered again: without what it was for and what came of it. */
export function toRemovedRequest({ removedAt: _removedAt, ...left }: Tombstone): ImageRequest {
  return {
    ...left,
    payload: '{}',
    inline: [],
    priority: 0,
    attempt: 0,
    availableAt: left.createdAt,
    retryCode: undefined,
    outcome: undefined,
    estimatedCostMicros: left.costMicros,
    queuedAt: left.createdAt,
    deadlineAt: left.updatedAt,
    retainMs: undefined,
    isBare: true,
    allowsStandIn: true,
    serviceTier: undefined,
    tier: 'standard',
    traceparent: undefined,
  };
}

/** Until when it is known that something was removed. A request of an idempotency key answers it as long as the key counts. */
export function toTombstoneEnd(
  { now, tombstoneMs }: Pick<Removal, 'now' | 'tombstoneMs'>,
  keyUsedAt: number | undefined = Number.NEGATIVE_INFINITY,
): number {
  return Math.max(now + tombstoneMs, keyUsedAt + idempotencyMs);
}

/** What of a request is in the storage. */
export interface RequestMedia {
  /** That calls have brought. */
  readonly made: readonly StoredPicture[];
  /** The names of the pictures that were sent inside the payload. */
  readonly sent: readonly string[];
  /** The keys of originals and signatures. */
  readonly keys: readonly string[];
}

/** What the columns of a request hold, as JSON. A picture that an earlier request had made stays with that request. */
export function toRequestMedia(answers: readonly string[], inlineText: string | null): RequestMedia {
  const parts = answers.flatMap((answer) => readOr<KeptAnswer>(answer, { parts: [] }).parts);
  const inline = readOr<readonly InlinePicture[]>(inlineText ?? '[]', []);
  const made = parts.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []));
  const own = inline.filter(({ isKnown }) => !isKnown);
  const keys = [
    ...made.flatMap(({ originalKey, signatureKey }) => [originalKey ?? [], signatureKey ?? []].flat()),
    ...parts.flatMap((part) => (part.kind === 'text' ? (part.signatureKey ?? []) : [])),
    ...own.flatMap(({ name, isSignature }) => (isSignature ? [name] : [])),
  ];
  return { made, sent: own.flatMap(({ name, isSignature }) => (isSignature ? [] : [name])), keys };
}

/** A damaged column must not keep its request, and those behind it, from going: what it named stays in the storage. */
function readOr<T>(json: string, otherwise: T): T {
  try {
    return JSON.parse(json);
  } catch {
    return otherwise;
  }
}

/** The names under which callers know the pictures. */
export function toNames({ made, sent }: RequestMedia): readonly string[] {
  return [...made.map(({ name }) => name), ...sent];
}

/** A request that a walk of the ended ones has met: its time in the order of the walk, and its id. */
export interface MetRow {
  readonly id: string;
  readonly at: number;
}

/** Where a walk begins. */
export const firstPlace: PrunePlace = { at: Number.MIN_SAFE_INTEGER, id: '' };

/** The first `limit` rows of several walks that are each in order. */
export function mergeWalks(walks: readonly (readonly MetRow[])[], limit: number): readonly MetRow[] {
  return walks
    .flat()
    .sort((left, right) => left.at - right.at || (left.id < right.id ? -1 : 1))
    .slice(0, limit);
}

/** Where a walk goes on after these rows; `undefined` at its end. */
export function toNextPlace(rows: readonly MetRow[], limit: number): PrunePlace | undefined {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last && { at: last.at, id: last.id };
}

/**
 * Who still needs a request, as a condition of SQL on the row of `requests`, the same in both databases: a call under way, whose
 * end will be recorded; news of webhooks that are not told yet, unless their endpoint is paused; a client that has not got its
 * answer. Retention also waits for open requests that refer to its pictures, which each store looks up by their names. Written
 * with `LIMIT 1`, because PostgreSQL would otherwise read whole tables for a few requests.
 */
export const isNeeded = `coalesce(
  (SELECT 1 FROM attempts WHERE attempts.request_id = requests.id AND attempts.result IS NULL LIMIT 1),
  (SELECT 1 FROM webhook_news WHERE webhook_news.request_id = requests.id LIMIT 1),
  (SELECT 1 FROM webhook_deliveries AS waiting LEFT JOIN webhook_endpoints ON webhook_endpoints.id = waiting.endpoint_id
    WHERE waiting.request_id = requests.id AND waiting.status = 'pending' AND webhook_endpoints.paused_at IS NULL LIMIT 1),
  (SELECT 1 FROM open_calls WHERE open_calls.request_id = requests.id AND open_calls.left_at IS NULL LIMIT 1)
) IS NOT NULL`;

/** Is a call of the request under way? */
export const hasCalls =
  '(SELECT 1 FROM attempts WHERE attempts.request_id = requests.id AND attempts.result IS NULL LIMIT 1) IS NOT NULL';

/** The condition of the partial indexes of ended requests. */
export const isEndedRow = "requests.status NOT IN ('queued', 'processing')";
