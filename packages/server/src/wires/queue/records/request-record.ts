import type { RequestRecord, SubmitReply } from '@darkroom/protocol';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { toDollars } from '../../../core/pricing.ts';
import type { Place } from '../../../intake/queue-reader.ts';
import { cutText, pieceSize } from '../../../platform/text-pieces.ts';
import { toSeconds } from '../../../platform/unix-time.ts';
import type { KnownKeys } from './known-keys.ts';
import { type MediaPlaces, toMediaRecords } from './media.ts';
import { toOutcome } from './outcome.ts';
import { toPayloadChunks } from './payload-echo.ts';
import { toQueueRecord } from './queue-place.ts';

/*
 * The record of a request, as text: its head, the payload as it was sent, and its tail. The payload is inserted as the text that
 * the row holds: reading a record is the hottest path, and parsing a payload only to print it again would double its cost.
 */

/** The reply to a submit: the seed's six keys, with their values at that time, even when the submit was sent again. */
export function toSubmitReply({ id, model, createdAt }: ImageRequest): SubmitReply {
  const seconds = toSeconds(createdAt);
  return { request_id: id, model, status: 'queued', created_at: seconds, updated_at: seconds, queued_at: seconds };
}

/** A record's JSON text without its place in the queue, which `addQueue` adds. `toRecordChunks` is for records with inline pictures. */
export function toRecordJson(request: ImageRequest, places: MediaPlaces): string {
  return `${toHead(request)},"payload":${request.payload},${toTail(request, places)}`;
}

/** The record's text with its place in the queue. */
export function addQueue(record: string, place: Place): string {
  return `${record.slice(0, -1)},"queue":${JSON.stringify(toQueueRecord(place))}}`;
}

/**
 * Is the record sent in pieces? Yes, when it has inline pictures, and when it is so large that each reader would cost a copy of
 * it.
 */
export function isSentInPieces({ payload, inline }: ImageRequest): boolean {
  return inline.length > 0 || payload.length > pieceSize;
}

export interface RecordContext extends MediaPlaces {
  /** The position of a queued request, and why it is not being processed. */
  readonly placeOf: (request: ImageRequest) => Promise<Place>;
}

/** The same text in pieces, with the inline pictures read from the media store and put back in their places. */
export async function* toRecordChunks(
  request: ImageRequest,
  { placeOf, ...places }: RecordContext,
): AsyncGenerator<string> {
  yield* toChunks(request, places, request.status === 'queued' ? await placeOf(request) : undefined);
}

/** The record as webhooks send it: in pieces, without its place in the queue, so that each reading gives the same text. */
export function toToldRecord(request: ImageRequest, places: MediaPlaces): AsyncGenerator<string> {
  return toChunks(request, places);
}

async function* toChunks(request: ImageRequest, places: MediaPlaces, place?: Place): AsyncGenerator<string> {
  const withQueue = (text: string) => (place ? addQueue(text, place) : text);
  if (!isSentInPieces(request)) return yield* cutText(withQueue(toRecordJson(request, places)));
  yield `${toHead(request)},"payload":`;
  yield* toPayloadChunks(request, places.media);
  yield* cutText(`,${withQueue(toTail(request, places))}`);
}

type HeadKey = 'request_id' | 'org_id' | 'user_id' | 'model' | 'status' | 'is_public';

/** The record's text before its payload. */
function toHead(request: ImageRequest): string {
  const head: Pick<KnownKeys<RequestRecord>, HeadKey> = {
    request_id: request.id,
    org_id: request.organizationId,
    user_id: request.apiKeyId,
    model: request.model,
    status: request.status,
    is_public: false,
  };
  return JSON.stringify(head).slice(0, -1);
}

/** The record's text after its payload. */
function toTail(request: ImageRequest, places: MediaPlaces): string {
  const failure = request.outcome?.kind === 'failure' ? request.outcome.failure : undefined;
  const success = request.outcome?.kind === 'success' ? request.outcome : undefined;
  const tail: Omit<KnownKeys<RequestRecord>, HeadKey | 'payload' | 'queue'> = {
    outcome: toOutcome(request, places),
    created_at: toSeconds(request.createdAt),
    updated_at: toSeconds(request.updatedAt),
    queued_at: toSeconds(request.queuedAt),
    ...(failure && { error: failure.message, reason: failure.message }),
    ...(success && { media: toMediaRecords(success.pictures, { ...places, areDeleted: request.isBare }) }),
    estimated_cost_usd: toDollars(request.estimatedCostMicros),
    cost_usd: toDollars(request.costMicros),
    priority: request.priority,
    deadline_at: toSeconds(request.deadlineAt),
    ...(request.retainMs !== undefined && toExpiry(request, request.retainMs)),
    ...(request.serviceTier && { service_tier: request.serviceTier }),
    wire: request.wire,
    ...(!request.allowsStandIn && { fallback: false }),
  };
  return JSON.stringify(tail).slice(1);
}

function toExpiry({ status, updatedAt }: ImageRequest, retainMs: number) {
  return {
    retain_seconds: retainMs / 1_000,
    ...(isEnded(status) && { expires_at: toSeconds(updatedAt + retainMs) }),
  };
}
