/*
 * Stand-ins: a model may name others that are called when it cannot be. The request keeps its model; each of its calls is made on
 * the model that the claim has chosen for it.
 */

/**
 * When a model may be called instead of another.
 * - `resting`: every upstream that serves the request's model rests, is set up wrongly or has no quota left, or none serves it.
 * - `overloaded`: the upstream refused the request's last call for load, or all upstreams of its model rest for that reason.
 * - `deadline`: the request's model has no room, and the deadline is near.
 *
 * What an operator has paused is not resting, nor is what is only busy.
 */
export const standInReasons = ['resting', 'overloaded', 'deadline'] as const;
export type StandInReason = (typeof standInReasons)[number];

/** A model that may be called instead of the one that names it. */
export interface Fallback {
  /** Its public id. */
  readonly model: string;
  readonly when: readonly StandInReason[];
}

/** The model that was called instead of the request's, and why. */
export interface StandIn {
  /** Its public id. */
  readonly model: string;
  readonly reason: StandInReason;
}
