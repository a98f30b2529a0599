import { type Failure, toFailureKind, toWaitMs } from './failures.ts';
import { every, type Pause, type UpstreamKey, type UpstreamState } from './upstreams.ts';

/** The end of a call, as far as it shows the health of the upstream. */
export interface CallNews {
  readonly sentAt: number;
  readonly endedAt: number;
  /** `undefined`: it succeeded. */
  readonly failure: Failure | undefined;
  /** Calls of the model on the upstream that were under way when it ended, itself included; read after failures only. */
  readonly underWay: number;
}

/** Opens the breaker when about four fifths of the last calls were strained: five in a row, starting from none. */
const openingStrain = 0.6;
const weight = 0.2;

const firstProbeMs = 1_000;
const longestProbeMs = 10_000;
/** A wrong set-up is tried again after this time, since the operator may have corrected it. */
const avoidMs = 60_000;
const shrinkBy = 0.7;
/** An upstream that can handle this many calls at a time needs no number. */
const manyCalls = 1_000;
/** Failures that come together are one reason to shrink. */
const shrinkPauseMs = 2_000;

/** The keys whose states a call's end may change: the model on its upstream, and the upstream as a whole. */
export function toNewsKeys({ upstream, model }: UpstreamKey): readonly UpstreamKey[] {
  return [
    { upstream, model },
    { upstream, model: every },
  ];
}

/** The state of `key` after the end of a call; the same object when the call changes nothing. */
export function afterCall(key: UpstreamKey, state: UpstreamState, news: CallNews): UpstreamState {
  // A call from before the pause says nothing about it.
  if (state.pause && news.sentAt < state.pause.since) return state;
  const effect = news.failure && toFailureKind(news.failure.code).effect;
  if (isWaiting(state, news) && effect?.kind !== 'wait') return state;
  const scope = key.model === every ? 'upstream' : 'model';
  if (news.failure === undefined || effect === undefined) return afterAnswer(state, news);
  if (effect.kind === 'strain') return scope === 'model' ? afterStrain(state, news, news.failure) : state;
  if (effect.scope !== scope) return state;
  const paused = { ...state, pause: toPause(effect.kind, { state, news, failure: news.failure }) };
  return effect.kind === 'wait' ? shrink(paused, news) : paused;
}

/** The upstream has named the time to come back: calls that were still on their way to it do not change that. */
function isWaiting({ pause }: UpstreamState, { endedAt }: CallNews): boolean {
  return pause?.kind === 'wait' && endedAt < pause.until;
}

/** The upstream has answered, with a picture or with a refusal: it is reachable. */
function afterAnswer(state: UpstreamState, { failure }: CallNews): UpstreamState {
  // A defect of ours is no answer.
  if (failure?.code === 'internal_error') return state;
  if (!state.pause && !state.strain && state.concurrency === undefined) return state;
  const { pause, strain = 0, concurrency = manyCalls, shrunkAt, ...rest } = state;
  const left = strain * (1 - weight);
  return {
    ...rest,
    ...(!pause && left > 0.01 && { strain: left }),
    // One more for each answer doubles the calls with every round of them, until the upstream's limit.
    ...(concurrency < manyCalls && { concurrency: concurrency + 1, ...(shrunkAt !== undefined && { shrunkAt }) }),
  };
}

function afterStrain(state: UpstreamState, news: CallNews, failure: Failure): UpstreamState {
  const strain = (state.strain ?? 0) * (1 - weight) + weight;
  if (state.pause?.kind === 'probe' || strain > openingStrain) {
    return { ...state, strain, pause: toPause('probe', { state, news, failure }) };
  }
  return shrink({ ...state, strain }, news);
}

function toPause(
  kind: Pause['kind'],
  { state, news, failure }: { readonly state: UpstreamState; readonly news: CallNews; readonly failure: Failure },
): Pause {
  const { endedAt } = news;
  const asked = toWaitMs(failure);
  // A pause that continues, because a probe failed or another call was told to wait, keeps what it knows.
  const before = state.pause?.kind === kind && (kind !== 'wait' || isWaiting(state, news)) ? state.pause : undefined;
  const probeMs = before?.nextProbeMs ?? firstProbeMs;
  const waitMs = kind === 'avoid' ? avoidMs : Math.max(asked, kind === 'probe' ? probeMs : 0);
  return {
    kind,
    code: failure.code,
    message: failure.message,
    since: before?.since ?? endedAt,
    until: Math.max(endedAt + waitMs, kind === 'wait' && before ? before.until : 0),
    nextProbeMs: Math.min(longestProbeMs, 2 * probeMs),
  };
}

function shrink(state: UpstreamState, { endedAt, underWay }: CallNews): UpstreamState {
  if (endedAt - (state.shrunkAt ?? Number.NEGATIVE_INFINITY) < shrinkPauseMs) return state;
  const borne = Math.min(state.concurrency ?? underWay, underWay);
  return { ...state, concurrency: Math.max(1, borne * shrinkBy), shrunkAt: endedAt };
}
