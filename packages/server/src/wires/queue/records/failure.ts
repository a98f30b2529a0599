import type { FailureRecord } from '@darkroom/protocol';
import { type Failure, toFailureKind } from '../../../core/failures.ts';

export function toFailureRecord(failure: Failure): FailureRecord {
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
    ...(failure.moderationFlag !== undefined && { moderation_flag: failure.moderationFlag }),
  };
}
