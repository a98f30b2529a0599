import type { FailureCode } from './failures.ts';
import { fromLane } from './service-tiers.ts';

/** An upstream that may be called: one account of a provider. */
export interface Upstream {
  /** Chosen by the operator, and recorded in the attempt log. */
  readonly name: string;
  readonly limits: UpstreamLimits;
  /** Those with a lower order are called first; missing: 0. */
  readonly order?: number;
  /** The public ids of the models that it serves; missing: all. */
  readonly models?: readonly string[];
  /** The buckets from which it reads references itself; missing: none. */
  readonly buckets?: readonly string[];
  /** The time zone at whose midnight its daily quotas are reset, e.g. `Europe/Paris`; missing: UTC. */
  readonly quotaTimeZone?: string;
}

/** Does the upstream serve the model of this public id, or of this lane? */
export function serves({ models }: Upstream, model: string): boolean {
  return models === undefined || models.includes(fromLane(model).model);
}

/**
 * The name of the built-in sandbox among the upstreams. It is reserved: no upstream of an operator may have it. Its calls cost
 * nothing, whatever tokens it counts.
 */
export const sandboxUpstream = 'sandbox';

/** What an account may do. A missing limit is not enforced here; the upstream may still have one. */
export interface UpstreamLimits {
  /** Calls at the same time, over all models and processes. */
  readonly concurrency?: number;
  /** Calls of one model in any 60 seconds. */
  readonly requestsPerMinute?: number;
  /** Pictures of one model in any 60 seconds, by the times at which their calls were sent. Calls that failed have made none. */
  readonly imagesPerMinute?: number;
  /** Calls of one model from one midnight of `quotaTimeZone` to the next. */
  readonly requestsPerDay?: number;
  /** Micro-dollars over all models in any ten minutes. */
  readonly microsPerTenMinutes?: number;
}

/** Means every model of an upstream, or every upstream of a model. */
export const every = '*';

/** What a state is about: a model on an upstream, or `every` of either. Models are the upstream's ids. */
export interface UpstreamKey {
  readonly upstream: string;
  readonly model: string;
}

/** For maps by key. */
export function toKeyText({ upstream, model }: UpstreamKey): string {
  return `${upstream}\n${model}`;
}

/** What is remembered of an upstream, the same for every process on the store. A key without a state is healthy. */
export interface UpstreamState {
  /** An operator paused it at this time. */
  readonly heldAt?: number;
  readonly pause?: Pause;
  /** How many of the last calls strained it: 0 none, 1 all. A moving average: each call counts a fifth. */
  readonly strain?: number;
  /** How many calls at the same time it has handled recently, when that is fewer than its limit; may be a fraction. */
  readonly concurrency?: number;
  readonly shrunkAt?: number;
  /** The quota's day, the time zone of that day, and how many calls it has had. */
  readonly day?: string;
  readonly dayTimeZone?: string;
  readonly dayCalls?: number;
}

/** Why no call is made for now. */
export interface Pause {
  /** `wait`: open again at `until`. `probe`: one call then. `avoid`: not while another upstream is sound; one call then. */
  readonly kind: 'wait' | 'probe' | 'avoid';
  readonly code: FailureCode;
  /** The sentence of the failure that caused it. */
  readonly message: string;
  /** Calls that were sent before say nothing about it. */
  readonly since: number;
  readonly until: number;
  /** How long the next probe waits when this one fails, in milliseconds. */
  readonly nextProbeMs: number;
}

/** What an upstream is doing. */
export interface UpstreamLoad {
  /** Calls granted and not ended. */
  readonly underWay: number;
  /** Calls sent in the last 60 seconds, and granted ones that are not sent yet. */
  readonly lastMinute: number;
  /** Those of them that have made a picture, or may. */
  readonly lastMinuteImages: number;
  /** When the first of all calls of that time was sent. */
  readonly firstOfMinuteAt: number | undefined;
  /** Micro-dollars that calls of the last ten minutes have cost or, under way, may cost. */
  readonly lastTenMinutesMicros: number;
}

export const healthy: UpstreamState = {};
export const idle: UpstreamLoad = {
  underWay: 0,
  lastMinute: 0,
  lastMinuteImages: 0,
  firstOfMinuteAt: undefined,
  lastTenMinutesMicros: 0,
};
