import type { AttemptRecord } from '@darkroom/protocol';
import type { Attempt } from '../../../core/image-request.ts';
import { toDollars } from '../../../core/pricing.ts';
import { sandboxUpstream } from '../../../core/upstreams.ts';
import type { ModelSpec } from '../../../models/model-spec.ts';
import { toMomentOrNull } from '../../../platform/unix-time.ts';
import { toFailureRecord } from './failure.ts';
import { type MediaPlaces, toMediaUrls } from './media.ts';
import { toTokenUsage } from './usage.ts';

/** `model` is the model that was called; without it the record does not say what a call of the sandbox would have cost. */
export function toAttemptRecord(
  attempt: Attempt,
  { model, ...places }: MediaPlaces & { readonly model: Pick<ModelSpec, 'cost' | 'prices'> | undefined },
): AttemptRecord {
  const { failure, modelVersion, responseId, serviceTier, usage, answer } = attempt;
  const isPlayed = attempt.upstream === sandboxUpstream;
  const pictures = answer?.parts.flatMap((part) => (part.kind === 'picture' ? [part.picture] : []));
  return {
    number: attempt.number,
    image: attempt.imageIndex,
    upstream: attempt.upstream,
    ...(attempt.standIn && { stand_in: attempt.standIn }),
    result: attempt.result ?? null,
    started_at: attempt.startedAt / 1_000,
    sent_at: toMomentOrNull(attempt.sentAt),
    ended_at: toMomentOrNull(attempt.endedAt),
    cost_usd: toDollars(attempt.costMicros),
    ...(isPlayed &&
      usage &&
      model &&
      !model.prices.isFlat && { would_cost_usd: toDollars(model.cost(usage, { tier: serviceTier })) }),
    possibly_billed: attempt.isPossiblyBilled,
    ...(failure && { failure: toFailureRecord(failure) }),
    ...(serviceTier && { service_tier: serviceTier }),
    ...(attempt.batchJob !== undefined && { batch_job: attempt.batchJob }),
    ...(modelVersion !== undefined && { model_version: modelVersion }),
    ...(responseId !== undefined && { response_id: responseId }),
    ...(usage && { usage: toTokenUsage(usage) }),
    ...(pictures && { media_urls: toMediaUrls(pictures, places) }),
  };
}
