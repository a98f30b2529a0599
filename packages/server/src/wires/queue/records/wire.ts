import type {
  AttemptRecord,
  BudgetRecord,
  FailureRecord,
  MediaRecord,
  QueueRecord,
  SubmitReply,
  TokenUsageRecord,
  UpstreamRecord,
  UsageReport,
} from '@darkroom/protocol';
import type { UsageSum } from '../../../admin/usage-sums.ts';
import type { BudgetStatus } from '../../../core/budgets.ts';
import { toNextTurnContents } from '../../../core/conversation.ts';
import { type Failure, failureKinds, toFailureKind } from '../../../core/failures.ts';
import type { Attempt, ImageRequest, SuccessOutcome } from '../../../core/image-request.ts';
import type { MediaAddress } from '../../../core/media-url.ts';
import { toDollars } from '../../../core/pricing.ts';
import type { StoredPicture } from '../../../core/stored-picture.ts';
import { sandboxUpstream, type Upstream, type UpstreamLimits } from '../../../core/upstreams.ts';
import type { Usage } from '../../../core/usage.ts';
import { cutText, pieceSize } from '../../../http/text-pieces.ts';
import type { Place } from '../../../intake/queue-reader.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import type { ModelSpec } from '../../../models/model-spec.ts';
import type { UpstreamReport } from '../../../store/upstream-store.ts';
import { toPayloadChunks } from './payload-echo.ts';

/** The only place, with `wire-webhooks.ts`, where rows become the JSON of the wire. */

/** The reply to a submit: the seed's six keys, as they were then, however often it is sent again. */
export function toSubmitReply({ id, model, createdAt }: ImageRequest): SubmitReply {
  const seconds = toSeconds(createdAt);
  return { request_id: id, model, status: 'queued', created_at: seconds, updated_at: seconds, queued_at: seconds };
}

/**
 * A record's JSON text, but for its place in the queue, which `addQueue` says. The payload is put in as the text that the row holds:
 * reading a record is the hottest path, and parsing a payload only to print it again would double its cost. A record with
 * inline pictures is `toRecordChunks`'.
 */
export function toRecordJson(request: ImageRequest, places: MediaPlaces): string {
  return `${toHead(request)},"payload":${request.payload},${toTail(request, places)}`;
}

/** The record's text with where it stands and why it waits, as it is at this moment. */
export function addQueue(record: string, place: Place): string {
  return `${record.slice(0, -1)},"queue":${JSON.stringify(toQueueRecord(place))}}`;
}

export function toQueueRecord({ position, estimatedStartAt, reason, message, until }: Place): QueueRecord {
  return {
    position: position ?? null,
    estimated_start_at: estimatedStartAt === undefined ? null : toLaterSeconds(estimatedStartAt),
    waiting_for: reason,
    message,
    ...(until !== undefined && { until: toLaterSeconds(until) }),
  };
}

/** Is the record sent in pieces? With inline pictures it is, and when it is so large that each reader would cost a copy of it. */
export function isSentInPieces({ payload, inline }: ImageRequest): boolean {
  return inline.length > 0 || payload.length > pieceSize;
}

/** The same text in pieces, with the inline pictures read from the media store and put back where they stood. */
export async function* toRecordChunks(
  request: ImageRequest,
  { placeOf, ...places }: WireContext,
): AsyncGenerator<string> {
  const place = request.status === 'queued' ? await placeOf(request) : undefined;
  const withQueue = (text: string) => (place ? addQueue(text, place) : text);
  if (!isSentInPieces(request)) return yield* cutText(withQueue(toRecordJson(request, places)));
  yield `${toHead(request)},"payload":`;
  yield* toPayloadChunks(request, places.media);
  yield* cutText(`,${withQueue(toTail(request, places))}`);
}

/** The record as webhooks tell it: in pieces, without its place in the queue, so that each reading gives the same text. */
export async function* toToldRecord(request: ImageRequest, places: MediaPlaces): AsyncGenerator<string> {
  if (!isSentInPieces(request)) return yield* cutText(toRecordJson(request, places));
  yield `${toHead(request)},"payload":`;
  yield* toPayloadChunks(request, places.media);
  yield* cutText(`,${toTail(request, places)}`);
}

/** What tells where pictures are read. */
interface MediaPlaces {
  readonly publicUrl: string;
  readonly media: MediaStore;
  /** The names of the pictures whose files the storage has lost. */
  readonly lost?: ReadonlySet<string> | undefined;
}

export interface WireContext extends MediaPlaces {
  /** Where a queued request stands, and why it is not being worked on. */
  readonly placeOf: (request: ImageRequest) => Promise<Place>;
}

/** `model` is the request's; without it nothing is said of what a call of the sandbox would have cost. */
export function toAttemptRecord(
  attempt: Attempt,
  { model, ...places }: MediaPlaces & { readonly model: ModelSpec | undefined },
): AttemptRecord {
  const { failure, modelVersion, responseId, usage, answer } = attempt;
  const isPlayed = attempt.upstream === sandboxUpstream;
  const pictures = answer?.parts.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []));
  return {
    number: attempt.number,
    image: attempt.imageIndex,
    upstream: attempt.upstream,
    result: attempt.result ?? null,
    started_at: attempt.startedAt / 1_000,
    sent_at: toMoment(attempt.sentAt),
    ended_at: toMoment(attempt.endedAt),
    cost_usd: toDollars(attempt.costMicros),
    ...(isPlayed && usage && model && { would_cost_usd: toDollars(model.cost(usage)) }),
    possibly_billed: attempt.isPossiblyBilled,
    ...(failure && { failure: toFailureRecord(failure) }),
    ...(modelVersion !== undefined && { model_version: modelVersion }),
    ...(responseId !== undefined && { response_id: responseId }),
    ...(usage && { usage: toUsageRecord(usage) }),
    ...(pictures && { media_urls: toMediaUrls(pictures, places) }),
  };
}

export function toBudgetRecord({ scope, id, period, limitMicros, usedMicros }: BudgetStatus): BudgetRecord {
  return { scope, id, period, limit_usd: toDollars(limitMicros), used_usd: toDollars(usedMicros) };
}

export function toUsageRow(sum: UsageSum): UsageReport['rows'][number] {
  const { day, model, apiKeyId, success, failed, cancelled, pictures, costMicros } = sum;
  return {
    ...(day !== undefined && { day }),
    ...(model !== undefined && { model }),
    ...(apiKeyId !== undefined && { user_id: apiKeyId }),
    success,
    failed,
    cancelled,
    pictures,
    cost_usd: toDollars(costMicros),
  };
}

export function toUpstreamRecord(report: UpstreamReport, { limits }: Upstream): UpstreamRecord {
  const { upstream, model, room, state, load } = report;
  const closed = room.kind === 'closed' ? room : undefined;
  return {
    upstream,
    model,
    is_open: room.kind === 'open',
    is_probed: room.kind === 'open' && room.isProbe,
    reason: closed?.reason ?? null,
    message: closed?.message ?? null,
    until: closed?.until === undefined ? null : toLaterSeconds(closed.until),
    under_way: load.underWay,
    last_minute: load.lastMinute,
    last_ten_minutes_usd: toDollars(load.lastTenMinutesMicros),
    concurrency: toConcurrency(state.concurrency, limits.concurrency),
    limits: toLimits(limits),
  };
}

function toConcurrency(borne = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY): number | null {
  const least = Math.min(borne, limit);
  return Number.isFinite(least) ? Math.floor(least) : null;
}

function toLimits(limits: UpstreamLimits): UpstreamRecord['limits'] {
  const { concurrency, requestsPerMinute, requestsPerDay, microsPerTenMinutes } = limits;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(requestsPerMinute !== undefined && { requests_per_minute: requestsPerMinute }),
    ...(requestsPerDay !== undefined && { requests_per_day: requestsPerDay }),
    ...(microsPerTenMinutes !== undefined && { usd_per_ten_minutes: toDollars(microsPerTenMinutes) }),
  };
}

function toHead(request: ImageRequest): string {
  const head = {
    request_id: request.id,
    org_id: request.organizationId,
    user_id: request.apiKeyId,
    model: request.model,
    status: request.status,
    is_public: false,
  };
  return JSON.stringify(head).slice(0, -1);
}

function toTail(request: ImageRequest, places: MediaPlaces): string {
  const failure = request.outcome?.kind === 'failure' ? request.outcome.failure : undefined;
  const success = request.outcome?.kind === 'success' ? request.outcome : undefined;
  const tail = {
    outcome: toOutcome(request, places),
    created_at: toSeconds(request.createdAt),
    updated_at: toSeconds(request.updatedAt),
    queued_at: toSeconds(request.queuedAt),
    ...(failure && { error: failure.message, reason: failure.message }),
    ...(success && { media: success.pictures.map((picture, index) => toMediaRecord(picture, { index, ...places })) }),
    estimated_cost_usd: toDollars(request.estimatedCostMicros),
    cost_usd: toDollars(request.costMicros),
    priority: request.priority,
    deadline_at: toSeconds(request.deadlineAt),
  };
  return JSON.stringify(tail).slice(1);
}

function toOutcome({ outcome, costMicros }: ImageRequest, places: MediaPlaces): Record<string, unknown> | null {
  if (outcome === undefined) return null;
  const cost = { cost_usd: toDollars(costMicros) };
  if (outcome.kind === 'failure') return { error: toFailureRecord(outcome.failure), ...cost };
  return { ...toSuccess(outcome, places), ...cost };
}

function toSuccess(outcome: SuccessOutcome, { publicUrl, media }: MediaPlaces): Record<string, unknown> {
  const { pictures, conversation, text, modelVersion, usage, leftOutTurns, reducedPictures, missing } = outcome;
  const toAddress = (name: string): MediaAddress => media.toAddress(name, publicUrl);
  return {
    media_urls: toMediaUrls(pictures, { publicUrl, media }),
    next_turn_contents: toNextTurnContents(conversation, {
      toAddress,
      isResult: (name) => pictures.some((picture) => picture.name === name),
    }),
    ...(text !== undefined && { text }),
    ...(modelVersion !== undefined && { model_version: modelVersion }),
    ...(usage && { usage: toUsageRecord(usage) }),
    ...(leftOutTurns && { left_out_turns: leftOutTurns }),
    ...(reducedPictures && { reduced_references: reducedPictures }),
    ...(missing && { missing: missing.map(toFailureRecord) }),
  };
}

function toMediaUrls(pictures: readonly StoredPicture[], { publicUrl, media }: MediaPlaces) {
  return pictures.map(({ name }, index) => ({ id: String(index), url: media.toAddress(name, publicUrl).url }));
}

function toMediaRecord(
  { name, format, width, height, bytes, sha256, asked, flaw }: StoredPicture,
  { index, publicUrl, lost }: Omit<MediaPlaces, 'media'> & { readonly index: number },
): MediaRecord {
  const size = asked && `${asked.width}x${asked.height} pixels were asked for; the model made ${width}x${height}.`;
  const notes = [size, flaw].filter((note) => note !== undefined);
  return {
    id: String(index),
    content_type: `image/${format}`,
    width,
    height,
    bytes,
    sha256,
    // Darkroom's own also where pictures are read from a bucket: it is made when it is asked for first.
    thumbnail_url: `${publicUrl}/media/${name}/thumbnail`,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    ...(lost?.has(name) && { error: toFailureRecord(lostPicture) }),
  };
}

const lostPicture: Failure = { code: 'media_lost', message: failureKinds.media_lost.meaning };

function toFailureRecord(failure: Failure): FailureRecord {
  const { isRetryable, blame } = toFailureKind(failure.code);
  return {
    code: failure.code,
    message: failure.message,
    retryable: isRetryable,
    blame,
    ...(failure.upstreamStatus !== undefined && { upstream_status: failure.upstreamStatus }),
    ...(failure.upstreamMessage !== undefined && { upstream_message: failure.upstreamMessage }),
    ...(failure.finishReason !== undefined && { finish_reason: failure.finishReason }),
    ...(failure.blockReason !== undefined && { block_reason: failure.blockReason }),
    ...(failure.modelText !== undefined && { model_text: failure.modelText }),
  };
}

function toUsageRecord(usage: Usage): TokenUsageRecord {
  return {
    prompt_tokens: usage.promptTokens,
    image_tokens: usage.imageTokens,
    text_tokens: usage.textTokens,
    thought_tokens: usage.thoughtTokens,
    total_tokens: usage.totalTokens,
  };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}

/** Rounded up: who comes back then is not too early. */
function toLaterSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

function toMoment(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1_000;
}
