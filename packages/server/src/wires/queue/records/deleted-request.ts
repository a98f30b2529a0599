import type { DeletedRequest } from '@darkroom/protocol';
import { toDollars } from '../../../core/pricing.ts';
import { toSeconds } from '../../../platform/unix-time.ts';
import type { Tombstone } from '../../../store/removal-store.ts';

/** What is left of a deleted request. */
export function toDeletedRequest(left: Tombstone): DeletedRequest {
  return {
    request_id: left.id,
    model: left.model,
    status: left.status,
    wire: left.wire,
    created_at: toSeconds(left.createdAt),
    updated_at: toSeconds(left.updatedAt),
    cost_usd: toDollars(left.costMicros),
    deleted_at: toSeconds(left.removedAt),
  };
}
