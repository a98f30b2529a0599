import type { FailureRecord, MediaRecord, SubmitReply, UsageRecord } from '@darkroom/protocol';
import { toNextTurnContents } from '../core/conversation.ts';
import { type Failure, toFailureKind } from '../core/failures.ts';
import type { ImageRequest, SuccessOutcome } from '../core/image-request.ts';
import { toMediaUrl } from '../core/media-url.ts';
import { toDollars } from '../core/pricing.ts';
import type { StoredPicture } from '../core/stored-picture.ts';
import type { Usage } from '../core/usage.ts';
import type { MediaStore } from '../media/media-store.ts';
import { toPayloadChunks } from './payload-echo.ts';

/** The only place where rows become the JSON of the wire. */

/** The reply to a submit: the seed's six keys. */
export function toSubmitReply(request: ImageRequest): SubmitReply {
  return {
    request_id: request.id,
    model: request.model,
    status: request.status,
    created_at: toSeconds(request.createdAt),
    updated_at: toSeconds(request.updatedAt),
    queued_at: toSeconds(request.queuedAt),
  };
}

/**
 * A record's JSON text. The payload is put in as the text that the row holds: reading a record is the hottest path, and
 * parsing a payload only to print it again would double its cost. A record with inline pictures is `toRecordChunks`'.
 */
export function toRecordJson(request: ImageRequest, publicUrl: string): string {
  return `${toHead(request)},"payload":${request.payload},${toTail(request, publicUrl)}`;
}

/** The same text in pieces, with the inline pictures read from the media store and put back where they stood. */
export async function* toRecordChunks(
  request: ImageRequest,
  { publicUrl, media }: WireContext,
): AsyncGenerator<string> {
  if (request.inline.length === 0) return yield toRecordJson(request, publicUrl);
  yield `${toHead(request)},"payload":`;
  yield* toPayloadChunks(request, media);
  yield `,${toTail(request, publicUrl)}`;
}

export interface WireContext {
  readonly publicUrl: string;
  readonly media: MediaStore;
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

function toTail(request: ImageRequest, publicUrl: string): string {
  const failure = request.outcome?.kind === 'failure' ? request.outcome.failure : undefined;
  const tail = {
    outcome: toOutcome(request, publicUrl),
    created_at: toSeconds(request.createdAt),
    updated_at: toSeconds(request.updatedAt),
    queued_at: toSeconds(request.queuedAt),
    ...(failure && { error: failure.message, reason: failure.message }),
  };
  return JSON.stringify(tail).slice(1);
}

function toOutcome({ outcome, costMicros }: ImageRequest, publicUrl: string): Record<string, unknown> | null {
  if (outcome === undefined) return null;
  const cost = { cost_usd: toDollars(costMicros) };
  if (outcome.kind === 'failure') return { error: toFailureRecord(outcome.failure), ...cost };
  return { ...toSuccess(outcome, publicUrl), ...cost };
}

function toSuccess(outcome: SuccessOutcome, publicUrl: string): Record<string, unknown> {
  const { pictures, conversation, text, modelVersion, usage, leftOutTurns, reducedPictures, missing } = outcome;
  return {
    media_urls: pictures.map(({ name }, index) => ({ id: String(index), url: toMediaUrl(publicUrl, name) })),
    next_turn_contents: toNextTurnContents(conversation, publicUrl),
    media: pictures.map(toMediaRecord),
    ...(text !== undefined && { text }),
    ...(modelVersion !== undefined && { model_version: modelVersion }),
    ...(usage && { usage: toUsageRecord(usage) }),
    ...(leftOutTurns && { left_out_turns: leftOutTurns }),
    ...(reducedPictures && { reduced_references: reducedPictures }),
    ...(missing && { missing: missing.map(toFailureRecord) }),
  };
}

function toMediaRecord({ format, width, height, bytes, sha256, asked }: StoredPicture, index: number): MediaRecord {
  return {
    id: String(index),
    content_type: `image/${format}`,
    width,
    height,
    bytes,
    sha256,
    ...(asked && { note: `${asked.width}x${asked.height} pixels were asked for; the model made ${width}x${height}.` }),
  };
}

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

function toUsageRecord(usage: Usage): UsageRecord {
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
