import type { FailureOutcomeRecord, SuccessOutcomeRecord } from '@darkroom/protocol';
import { toNextTurnContents } from '../../../core/conversation.ts';
import type { Grounding } from '../../../core/grounding.ts';
import type { ImageRequest, SuccessOutcome } from '../../../core/image-request.ts';
import { toDollars } from '../../../core/pricing.ts';
import { toFailureRecord } from './failure.ts';
import type { KnownKeys } from './known-keys.ts';
import { type MediaPlaces, toMediaUrls } from './media.ts';
import { toTokenUsage } from './usage.ts';

/** How a request has ended; `null` while it has not. */
export function toOutcome(
  { outcome, costMicros }: Pick<ImageRequest, 'outcome' | 'costMicros'>,
  places: MediaPlaces,
): SuccessOutcomeRecord | FailureOutcomeRecord | null {
  if (outcome === undefined) return null;
  const cost = { cost_usd: toDollars(costMicros) };
  if (outcome.kind === 'failure') return { error: toFailureRecord(outcome.failure), ...cost };
  return { ...toSuccess(outcome, places), ...cost };
}

function toSuccess(
  {
    pictures,
    conversation,
    text,
    grounding,
    modelVersion,
    standIn,
    usage,
    leftOutTurns,
    reducedPictures,
    moderationFlags,
    missing,
  }: SuccessOutcome,
  { publicUrl, media }: MediaPlaces,
): Omit<KnownKeys<SuccessOutcomeRecord>, 'cost_usd'> {
  return {
    media_urls: toMediaUrls(pictures, { publicUrl, media }),
    next_turn_contents: toNextTurnContents(conversation, {
      toAddress: (name) => media.toAddress(name, publicUrl),
      isResult: (name) => pictures.some((picture) => picture.name === name),
    }),
    ...(text !== undefined && { text }),
    ...(grounding && { grounding: toGroundingRecord(grounding) }),
    ...(modelVersion !== undefined && { model_version: modelVersion }),
    ...(standIn && { stand_in: standIn }),
    ...(usage && { usage: toTokenUsage(usage) }),
    ...(leftOutTurns && { left_out_turns: [...leftOutTurns] }),
    ...(reducedPictures && { reduced_references: reducedPictures }),
    ...(moderationFlags && { moderation_flags: [...moderationFlags] }),
    ...(missing && { missing: missing.map(toFailureRecord) }),
  };
}

function toGroundingRecord({
  queries,
  sources,
  suggestions,
}: Grounding): NonNullable<SuccessOutcomeRecord['grounding']> {
  return {
    queries: [...queries],
    sources: [...sources],
    ...(suggestions !== undefined && { suggestions_html: suggestions }),
  };
}
