import type { BudgetStatus } from '../../core/budgets.ts';
import type { Tombstone } from '../removal-store.ts';
import {
  type Conflict,
  type Idempotency,
  idempotencyMs,
  type NewRequest,
  type Replayed,
  type SubmitResult,
} from '../request-store.ts';
import { type RequestRow, toImageRequest } from '../rows/request-rows.ts';
import { toRemovedRequest } from './removals.ts';

/**
 * Idempotency keys that were used at this time or earlier are forgotten: they are free again, even while their rows still exist.
 */
export function toForgottenUntil(now: number): number {
  return now - idempotencyMs;
}

/** A submit whose key has been used for the request of this row, or for one that was removed. */
export function toReplay(
  used: { readonly body_hash: string; readonly left: RequestRow | Tombstone },
  { bodyHash }: Idempotency,
): Replayed | Conflict {
  if (used.body_hash !== bodyHash) return { kind: 'conflict' };
  const { left } = used;
  return { kind: 'replayed', request: 'removedAt' in left ? toRemovedRequest(left) : toImageRequest(left) };
}

/** The reason to refuse a submit: a full queue first, then a budget. `queuedOfKey` is read only for a key with such a limit. */
export function toObjection(
  { maxQueued, maxQueuedOfKey }: Pick<NewRequest, 'maxQueued' | 'maxQueuedOfKey'>,
  known: {
    readonly queued: number;
    readonly queuedOfKey: () => number;
    readonly findOverdrawn: () => BudgetStatus | undefined;
  },
): SubmitResult | undefined {
  if (maxQueuedOfKey !== undefined && known.queuedOfKey() >= maxQueuedOfKey)
    return { kind: 'queue-full', limit: { of: 'key', value: maxQueuedOfKey } };
  if (known.queued >= maxQueued) return { kind: 'queue-full', limit: { of: 'organization', value: maxQueued } };
  const budget = known.findOverdrawn();
  return budget && { kind: 'over-budget', budget };
}
