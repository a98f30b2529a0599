import { isFinal, type RequestEvent } from '../core/request-events.ts';

/** How many ends are remembered: a few minutes of a busy service. */
const maxEnds = 128;
/** A limit, so that starts whose ends never came do not pile up. */
const maxStarts = 10_000;

/** A call that an upstream is working on. */
export interface UnderWay {
  readonly attempt: number;
  readonly sentAt: number;
}

/** How fast requests are worked on, measured from their events. */
export class Speed {
  readonly #claimedAt = new Map<string, number>();
  readonly #underWay = new Map<string, UnderWay>();
  #attempts: readonly { readonly from: number; readonly to: number }[] = [];
  #calls: readonly number[] = [];

  see({ requestId, at, moment }: RequestEvent): void {
    if (moment.kind === 'claimed') this.#claimedAt.set(requestId, at);
    if (moment.kind === 'sent' && this.#underWay.get(requestId)?.attempt !== moment.attempt)
      this.#underWay.set(requestId, { attempt: moment.attempt, sentAt: at });
    if (moment.kind === 'answered' && moment.result === 'succeeded') this.#endCall(requestId, at);
    if (moment.kind === 'retrying' || moment.kind === 'returned' || isFinal(moment)) this.#endAttempt(requestId, at);
    for (const starts of [this.#claimedAt, this.#underWay]) forgetOldest(starts);
  }

  /** The first call of the request's attempt, while one is under way. */
  underWay(requestId: string): UnderWay | undefined {
    return this.#underWay.get(requestId);
  }

  /** How long a call takes, in milliseconds: the median of the latest successful calls; `undefined` before there are any. */
  get typicalMs(): number | undefined {
    return [...this.#calls].sort((a, b) => a - b)[Math.floor(this.#calls.length / 2)];
  }

  /** How long it takes until this many attempts have ended, in milliseconds; `undefined` before any has. */
  toWaitMs(attempts: number): number | undefined {
    const [first] = this.#attempts;
    if (!first) return undefined;
    // Time in which nothing was under way says nothing about the speed.
    let busyMs = 0;
    let until = first.from;
    for (const { from, to } of [...this.#attempts].sort((a, b) => a.from - b.from)) {
      busyMs += Math.max(0, to - Math.max(from, until));
      until = Math.max(until, to);
    }
    return (attempts * busyMs) / this.#attempts.length;
  }

  #endCall(requestId: string, at: number): void {
    const sentAt = this.#underWay.get(requestId)?.sentAt;
    if (sentAt !== undefined) this.#calls = [...this.#calls, Math.max(0, at - sentAt)].slice(-maxEnds);
  }

  #endAttempt(requestId: string, at: number): void {
    const from = this.#claimedAt.get(requestId);
    if (from !== undefined) this.#attempts = [...this.#attempts, { from, to: Math.max(from, at) }].slice(-maxEnds);
    this.#claimedAt.delete(requestId);
    this.#underWay.delete(requestId);
  }
}

function forgetOldest(starts: Map<string, unknown>): void {
  const [oldest] = starts.size > maxStarts ? starts.keys() : [];
  if (oldest !== undefined) starts.delete(oldest);
}
