import type { QueueRecord } from '@darkroom/protocol';
import type { Place } from '../../../intake/queue-reader.ts';
import { toLaterSeconds } from '../../../platform/unix-time.ts';

/** The position of a queued request and why it waits, at this moment. */
export function toQueueRecord({ position, estimatedStartAt, reason, message, until }: Place): QueueRecord {
  return {
    position: position ?? null,
    estimated_start_at: estimatedStartAt === undefined ? null : toLaterSeconds(estimatedStartAt),
    waiting_for: reason,
    message,
    ...(until !== undefined && { until: toLaterSeconds(until) }),
  };
}
