import path from 'node:path';
import pLimit from 'p-limit';
import type { BatchJob } from '../../core/batch-jobs.ts';
import { leavingMs, toLookPauseMs } from '../../core/batch-jobs.ts';
import type { Failure } from '../../core/failures.ts';
import { toFailureKind } from '../../core/failures.ts';
import type { CallEnd } from '../../core/image-request.ts';
import type { Order } from '../../core/order.ts';
import type { MediaStore } from '../../media/media-store.ts';
import type { Clock } from '../../platform/clock.ts';
import { createRequestId, createSecret } from '../../platform/ids.ts';
import type { Logger } from '../../platform/logger.ts';
import type { BatchCreation, BatchModel, KeyedCall, UnansweredCall } from '../../providers/batch-model.ts';
import { SpoolFolder } from '../../recovery/spool-folder.ts';
import type { BatchedClaim, BatchJobStore } from '../../store/batch-job-store.ts';
import type { Claim, RequestStore } from '../../store/request-store.ts';
import { toImageCall } from '../image-call.ts';
import type { PreparedClaim, Preparer } from '../preparer.ts';
import type { Settler } from '../settler.ts';
import { toCallKey } from './call-key.ts';
import { JobHolder, jobLeaseMs } from './held-job.ts';
import { JobSettler } from './job-settler.ts';

export interface JobMakerOptions {
  readonly jobs: BatchJobStore;
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly preparer: Preparer;
  readonly settler: Settler;
  /** By the name of the upstream. */
  readonly batches: ReadonlyMap<string, BatchModel>;
  /** Every claim has a folder in it while its job is made. */
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A claim of a job, ready to be sent. */
interface ReadyClaim {
  readonly claim: Claim;
  readonly prepared: PreparedClaim;
  readonly folder: SpoolFolder;
  readonly calls: readonly KeyedCall[];
  readonly bytes: number;
}

/** References of this many claims are fetched at the same time. */
const preparedAtOnce = 4;
/** A job whose making had no certain answer is looked for after this time. */
const searchPauseMs = 30_000;

/**
 * Makes jobs. The row of a job is written before the upstream hears of it, and the time of the call that makes it before that call:
 * whatever is killed when, the row says whether the upstream may have the job, and by which name to look for it.
 */
export class JobMaker {
  readonly #options: JobMakerOptions;

  constructor(options: JobMakerOptions) {
    this.#options = options;
  }

  /**
   * Makes one job of claims that were granted on one upstream for one model. Claims that cannot be sent, or that are too large
   * together, end as attempts or are given back. Resolves when nothing of it is left in the spool.
   */
  async make(upstream: string, claims: readonly Claim[], signal: AbortSignal): Promise<void> {
    const limit = pLimit(preparedAtOnce);
    const ready = await Promise.all(claims.map((claim) => limit(() => this.#prepare(claim, upstream, signal))));
    const taken = await this.#fit(
      upstream,
      ready.filter((one) => one !== undefined),
      signal,
    );
    try {
      if (taken.length > 0) await this.#begin(upstream, taken, signal);
    } finally {
      for (const { folder } of taken) await folder.removeRecorded([]);
    }
  }

  async #prepare(claim: Claim, upstream: string, signal: AbortSignal): Promise<ReadyClaim | undefined> {
    const { preparer, store, media, spoolFolder, logger } = this.#options;
    const { lease, request } = claim;
    const folder = new SpoolFolder(path.join(spoolFolder, `${request.id}-${lease.attempt}`), { store, media, logger });
    const prepared = await preparer.prepare(claim, folder, signal);
    if (prepared.kind === 'ended') {
      await this.#giveBack({ claim, folder }, prepared.ends, signal);
      return undefined;
    }
    const calls = prepared.imageIndexes.map((imageIndex) => ({
      key: toCallKey({ lease, imageIndex }),
      call: toImageCall({ claim, imageIndex, ...prepared }, folder.path),
    }));
    const bytes = calls.reduce((sum, { call }) => sum + this.#getBatches(upstream).bytesOf(call), 0);
    return { claim, prepared, folder, calls, bytes };
  }

  /** Ends the attempt with what it has: nothing was sent. */
  async #giveBack(
    { claim, folder }: Pick<ReadyClaim, 'claim' | 'folder'>,
    ends: readonly CallEnd[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#options.settler.settle(claim, ends, signal);
    await folder.removeRecorded([]);
  }

  /** As many as one job may have, in their order; the others are given back, for the next one. */
  async #fit(upstream: string, ready: readonly ReadyClaim[], signal: AbortSignal): Promise<readonly ReadyClaim[]> {
    let left = this.#getBatches(upstream).maxJobBytes;
    const fitting: ReadyClaim[] = [];
    for (const one of ready) {
      if (one.bytes <= left) {
        left -= one.bytes;
        fitting.push(one);
      } else await this.#giveBack(one, [], signal);
    }
    return fitting;
  }

  async #begin(upstream: string, ready: readonly ReadyClaim[], signal: AbortSignal): Promise<void> {
    const { jobs, clock, logger } = this.#options;
    const [first] = ready;
    if (!first) return;
    const createdAt = clock.now();
    const about = {
      id: createRequestId(),
      upstream,
      model: first.prepared.model.upstreamId,
      createdAt,
      leaveAt: toLeaveAt(ready.map(({ claim: { request, order } }) => ({ ...request, order }))),
      token: createSecret(),
    };
    const begun = await jobs.begin({
      ...about,
      leaseUntil: createdAt + jobLeaseMs,
      claims: ready.map(toBatchedClaim),
    });
    const kept = ready.filter(({ claim }) => begun.some(({ token }) => token === claim.lease.token));
    if (kept.length === 0) return;
    const calls = kept.flatMap((one) => one.calls);
    logger.info({ event: 'batch.begun', batch: about.id, upstream, calls: calls.length });
    const unsent = { state: 'begun', sentAt: undefined, upstreamName: undefined, cancelledAt: undefined } as const;
    const rest = { ...unsent, calls: calls.length, nextAt: createdAt, endedAt: undefined, failure: undefined };
    const holder = new JobHolder({ ...about, ...rest }, this.#options);
    await holder.whileHeld(() => this.#send(holder, calls, signal));
  }

  async #send(holder: JobHolder, calls: readonly KeyedCall[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { id, upstream, model } = holder.job;
    const creation = await this.#getBatches(upstream).create(
      {
        id,
        upstreamModel: model,
        calls,
        beforeSending: () => holder.change({ sentAt: clock.now() }),
      },
      signal,
    );
    await this.#note(holder, creation, signal);
  }

  async #note(holder: JobHolder, creation: BatchCreation, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    const now = clock.now();
    const { id, upstream } = holder.job;
    logger.info({ event: `batch.${creation.kind}`, batch: id, upstream, ...toFacts(creation) });
    switch (creation.kind) {
      case 'created': {
        const { upstreamName } = creation;
        await holder.change({ upstreamName, state: 'pending', nextAt: now + toLookPauseMs(holder.job, now) });
        return;
      }
      case 'unknown':
        await holder.change({ failure: creation.failure, nextAt: now + searchPauseMs });
        return;
      case 'refused':
        return this.#end(holder, toRefused(creation.failure, holder.job), signal);
      case 'unsent':
        return this.#end(holder, unsentCall, signal);
    }
  }

  /** The upstream does not have the job. */
  async #end(holder: JobHolder, rest: UnansweredCall, signal: AbortSignal): Promise<void> {
    const { jobs, clock } = this.#options;
    // Another process has the job now; it knows from the row that it was not sent.
    if (!(await holder.change({}))) return;
    const { job } = holder;
    await new JobSettler(job, await jobs.openCalls(job.id), this.#options).endRest(rest, signal);
    const state = rest.kind === 'failed' ? 'failed' : 'cancelled';
    await holder.change({ state, failure: rest.failure, endedAt: clock.now() });
  }

  #getBatches(upstream: string): BatchModel {
    const batches = this.#options.batches.get(upstream);
    if (!batches) throw new Error(`The upstream ${upstream} has no batch jobs.`);
    return batches;
  }
}

function toBatchedClaim({ claim, prepared: { flag, resolved, imageIndexes } }: ReadyClaim): BatchedClaim {
  const { leftOutTurns, reducedPictures } = resolved;
  const facts = {
    ...(flag !== undefined && { flag }),
    ...(leftOutTurns && { leftOutTurns }),
    ...(reducedPictures !== undefined && { reducedPictures }),
  };
  return { lease: claim.lease, imageIndexes, facts };
}

/** When the first of these requests has to leave its job, if one has to. */
export function toLeaveAt(
  requests: readonly { readonly deadlineAt: number; readonly order: Pick<Order, 'tiers'> }[],
): number | undefined {
  const times = requests.flatMap(({ deadlineAt, order: { tiers = [] } }) => {
    const next = tiers[tiers.findIndex(({ tier }) => tier === 'batch') + 1];
    return next && next.tier !== 'batch' && tiers.some(({ tier }) => tier === 'batch')
      ? deadlineAt - next.needsMs - leavingMs
      : [];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * A job that is refused as a whole says little about each of its calls. They are tried again in other company, as after a failure of
 * the upstream, unless there was only one.
 */
export function toRefused(failure: Failure, { calls }: Pick<BatchJob, 'calls'>): UnansweredCall {
  const isOfOne = calls > 1 && toFailureKind(failure.code).blame === 'caller';
  const shared = isOfOne ? ({ ...failure, code: 'upstream_error' } as const) : failure;
  return { kind: 'failed', failure: shared, isPossiblyBilled: false };
}

/** Nothing was sent, and nobody is to blame. */
export const unsentCall: UnansweredCall = {
  kind: 'interrupted',
  failure: { code: 'upstream_unreachable', message: 'The batch job was not sent; the request is queued again.' },
  isPossiblyBilled: false,
};

function toFacts(creation: BatchCreation): Record<string, unknown> {
  if (creation.kind === 'created') return { upstream_name: creation.upstreamName };
  return 'failure' in creation ? { code: creation.failure.code, message: creation.failure.message } : {};
}
