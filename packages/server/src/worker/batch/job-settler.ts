import type { BatchJob } from '../../core/batch-jobs.ts';
import type { CallEnd } from '../../core/image-request.ts';
import type { Clock } from '../../platform/clock.ts';
import type { UnansweredCall } from '../../providers/batch-model.ts';
import type { BatchedCall, BatchJobStore } from '../../store/batch-job-store.ts';
import type { ExpiredClaim } from '../../store/request-store.ts';
import type { SettledClaim, Settler } from '../settler.ts';

export interface JobSettlerOptions {
  readonly jobs: Pick<BatchJobStore, 'findClaim'>;
  readonly settler: Settler;
  readonly clock: Clock;
}

/** Ends the calls of one job, one by one. The last call of a request in the job brings the verdict. */
export class JobSettler {
  readonly #job: Pick<BatchJob, 'upstream'>;
  readonly #options: JobSettlerOptions;
  /** The calls that have not ended, by the token of their lease. */
  readonly #open: Map<string, BatchedCall[]>;
  /** The ends of calls whose request has others that are open, by the same token. */
  readonly #ends = new Map<string, readonly CallEnd[]>();

  /** The calls that had ended before. */
  readonly #ended: readonly BatchedCall[];

  constructor(job: Pick<BatchJob, 'upstream'>, calls: readonly BatchedCall[], options: JobSettlerOptions) {
    this.#job = job;
    this.#options = options;
    const open = calls.filter(({ hasEnded }) => !hasEnded);
    this.#open = Map.groupBy(open, ({ lease }) => lease.token);
    this.#ended = calls.filter(({ hasEnded }) => hasEnded);
  }

  /** Settles the requests whose calls have all ended: whoever wrote the last end was killed before it could. */
  async settleEnded(signal: AbortSignal): Promise<void> {
    const { jobs, settler } = this.#options;
    for (const [token, [call]] of Map.groupBy(this.#ended, ({ lease }) => lease.token)) {
      if (!call || this.#open.has(token)) continue;
      const claim = await jobs.findClaim(call.lease.requestId);
      if (claim) await settler.settle(toSettledClaim(call, [], { claim, job: this.#job }), [], signal);
    }
  }

  /** The calls that have not ended. */
  get open(): readonly BatchedCall[] {
    return [...this.#open.values()].flat();
  }

  /** Writes the end of the call. The settlement repeats the ends of its other calls, in case one of them was not written. */
  async end(call: BatchedCall, end: CallEnd, { claim, signal }: EndOptions): Promise<void> {
    const { settler } = this.#options;
    const { token } = call.lease;
    const others = (this.#open.get(token) ?? []).filter(({ imageIndex }) => imageIndex !== call.imageIndex);
    const ends = [...(this.#ends.get(token) ?? []), end];
    const settled = toSettledClaim(call, ends, { claim, job: this.#job });
    if (others.length === 0) {
      this.#open.delete(token);
      this.#ends.delete(token);
      await settler.settle(settled, ends, signal);
    } else {
      this.#open.set(token, others);
      this.#ends.set(token, ends);
      await settler.keepEnd(settled, end);
    }
  }

  /** Ends all calls that are open as calls without an answer. */
  async endRest(rest: UnansweredCall, signal: AbortSignal): Promise<void> {
    const { jobs, clock } = this.#options;
    for (const call of this.open) {
      const claim = await jobs.findClaim(call.lease.requestId);
      if (!claim) continue;
      const { kind: result, ...facts } = rest;
      const end = { imageIndex: call.imageIndex, endedAt: clock.now(), result, costMicros: 0, ...facts };
      await this.end(call, end, { claim, signal });
    }
  }
}

interface EndOptions {
  readonly claim: ExpiredClaim;
  readonly signal: AbortSignal;
}

/** The attempt log without the lines whose ends are given. */
function toSettledClaim(
  { lease }: BatchedCall,
  ends: readonly CallEnd[],
  { claim, job }: { readonly claim: ExpiredClaim; readonly job: Pick<BatchJob, 'upstream'> },
): SettledClaim {
  const isGiven = (index: number) => ends.some(({ imageIndex }) => imageIndex === index);
  const others = claim.attempts.filter((line) => line.number !== lease.attempt || !isGiven(line.imageIndex));
  return { request: claim.request, order: claim.order, lease, upstream: job.upstream, attempts: others };
}
