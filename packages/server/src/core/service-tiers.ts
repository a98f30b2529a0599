import type { ServiceTier } from '@darkroom/protocol';

/*
 * A lane is the queue of one model in one service tier. Requests of a tier that may be refused for hours wait in a lane apart, so
 * that those of the standard tier are not held up by them. In the store and in the pool, a lane has the model's name, with the tier
 * behind it where it is not the standard one: an older program, which does not know the tiers, leaves these requests alone.
 */

/** In no id of a model. */
const separator = ' ';

/** Tiers with lanes apart. Calls of the others, `priority` among them, wait in the model's standard lane. */
export type WaitingTier = Extract<ServiceTier, 'flex' | 'batch'>;
export const waitingTiers: readonly WaitingTier[] = ['flex', 'batch'];

/** `model`: the public id or the upstream's. */
export function toLane(model: string, tier: ServiceTier): string {
  return isWaitingTier(tier) ? `${model}${separator}${tier}` : model;
}

export interface Lane {
  readonly model: string;
  readonly tier: WaitingTier | 'standard';
}

export function fromLane(lane: string): Lane {
  const at = lane.lastIndexOf(separator);
  const tier = lane.slice(at + 1);
  return at > 0 && isWaitingTier(tier) ? { model: lane.slice(0, at), tier } : { model: lane, tier: 'standard' };
}

/** Calls of this lane are not made one by one, but gathered into jobs (`core/batch-jobs.ts`). */
export function isBatchLane(lane: string): boolean {
  return fromLane(lane).tier === 'batch';
}

function isWaitingTier(tier: string): tier is WaitingTier {
  return waitingTiers.some((one) => one === tier);
}
