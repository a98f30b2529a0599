import { fromLane, toLane } from '../../core/service-tiers.ts';
import { chooseTier, type TierPlan } from '../../core/tier-plan.ts';
import { readOrder, UnreadableRowError, type WorkRow } from '../rows/request-rows.ts';

/** A queued request, as far as a move depends on it. */
export type WaitingRow = Pick<WorkRow, 'id' | 'organization_id' | 'model' | 'deadline_at' | 'work'>;

/** The lane in which a request waits from now on, and when it leaves that one. */
export interface MovedUp {
  readonly lane: string;
  readonly movesUpAt: number | undefined;
}

/** A request without a readable plan stays where it is, and does not move again: the claim finds what is wrong with it. */
export function toMovedUp(row: WaitingRow, now: number): MovedUp {
  const tiers = readTiers(row);
  if (!tiers) return { lane: row.model, movesUpAt: undefined };
  const { tier, movesUpAt } = chooseTier(tiers, { now, deadlineAt: row.deadline_at });
  return { lane: toLane(fromLane(row.model).model, tier), movesUpAt };
}

function readTiers(row: WaitingRow): TierPlan | undefined {
  try {
    return readOrder(row).tiers;
  } catch (error) {
    if (error instanceof UnreadableRowError) return undefined;
    throw error;
  }
}
