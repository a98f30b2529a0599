import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type CatalogueModel, findModel } from '../core/catalogue.ts';
import type { Failure } from '../core/failures.ts';
import type { CallEnd, Verdict } from '../core/image-request.ts';
import { decideVerdict } from '../core/verdict.ts';
import type { TurnResolver } from '../media/conversation/turn-resolver.ts';
import type { Chance } from '../platform/chance.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Claim, RequestStore, Settlement } from '../store/request-store.ts';
import { defect, toFailedEnd, type UpstreamCaller } from './upstream-caller.ts';

export interface ExecutorOptions {
  readonly store: RequestStore;
  readonly turns: TurnResolver;
  readonly caller: UpstreamCaller;
  /** Every attempt has a folder of its own in it. */
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
}

/**
 * The room of the work. The executor takes a claimed request through one attempt: its turns into spool files, a line of
 * the attempt log before each call, the calls, the pictures into the media store, one verdict, one write.
 */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the attempt has ended and nothing of it is left in the spool. `signal` ends it early: what is not done
   * by then is given back without blame.
   */
  async execute(claim: Claim, signal: AbortSignal): Promise<void> {
    const { id } = claim.request;
    const folder = path.join(this.#options.spoolFolder, `${id}-${claim.lease.attempt}`);
    try {
      await mkdir(folder, { recursive: true });
      const ends = await this.#attempt(claim, folder, signal).catch((error: unknown) =>
        this.#failAll(claim, error, signal),
      );
      await this.#settle(claim, ends);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #attempt(claim: Claim, folder: string, signal: AbortSignal): Promise<readonly CallEnd[]> {
    // A claim may come after the deadline, when nothing has looked before: then nothing is sent.
    if (this.#options.clock.now() >= claim.request.deadlineAt) return [];
    const model = getModel(claim);
    const resolved = await this.#options.turns.resolve(claim.order.conversation, {
      organizationId: claim.request.organizationId,
      folder,
      isUnsigned: claim.attempts.some(({ failure }) => failure?.code === 'upstream_signature_missing'),
      signal,
    });
    if (resolved.kind === 'failed') return this.#failUnsent(claim, resolved.failure);
    let underWay = 0;
    const call = async (imageIndex: number): Promise<CallEnd[]> => {
      underWay += 1;
      const end = await this.#options.caller.call({ ...resolved, claim, model, imageIndex, folder, signal });
      underWay -= 1;
      // The last end is written with the verdict; the others as soon as they are there, since their pictures are paid for.
      if (end && underWay > 0) await this.#keepEnd(claim, end);
      return end ? [end] : [];
    };
    return (await Promise.all(toMissingImages(claim).map(call))).flat();
  }

  /** A defect came before any call was sent; at shutdown it is only the abort, and the request is given back. */
  async #failAll(claim: Claim, error: unknown, signal: AbortSignal): Promise<readonly CallEnd[]> {
    if (signal.aborted) return [];
    this.#options.logger.error({ event: 'attempt.broken', request_id: claim.request.id, err: error });
    return this.#failUnsent(claim, defect);
  }

  /** The attempt ends without a call; it stands in the log nevertheless, since tries are counted there. */
  async #failUnsent(claim: Claim, failure: Failure): Promise<readonly CallEnd[]> {
    const { store, clock } = this.#options;
    const imageIndexes = toMissingImages(claim);
    await store.beginCalls(claim.lease, { imageIndexes, now: clock.now() });
    return imageIndexes.map((imageIndex) => toFailedEnd({ imageIndex, failure, endedAt: clock.now() }));
  }

  /** When this write fails, the settlement repeats it. */
  #keepEnd(claim: Claim, end: CallEnd): Promise<void> {
    const { store, logger } = this.#options;
    return store.endCalls(claim.lease, [end]).catch((error: unknown) => {
      logger.error({ event: 'call.unrecorded', request_id: claim.request.id, err: error });
    });
  }

  async #settle(claim: Claim, ends: readonly CallEnd[]): Promise<void> {
    const { clock, chance, logger } = this.#options;
    const now = clock.now();
    const tries = [...claim.attempts, ...ends.map((end) => ({ ...unknownFacts, ...end }))];
    const { order, request } = claim;
    const verdict = decideVerdict({ order, tries, deadlineAt: request.deadlineAt, now, chance });
    const isSettled = await this.#settlePatiently({ lease: claim.lease, ends, verdict, now });
    const event = isSettled ? 'attempt.settled' : 'lease.lost';
    logger.info({ event, request_id: claim.request.id, attempt: claim.lease.attempt, ...describe(verdict) });
  }

  /** Pictures that are paid for hang on this write: a store that stumbles is asked again. */
  async #settlePatiently(settlement: Settlement): Promise<boolean> {
    const { store, clock, logger } = this.#options;
    for (let tries = 1; tries < settleTries; tries += 1) {
      try {
        return await store.settle(settlement);
      } catch (error) {
        logger.error({ event: 'settle.failed', request_id: settlement.lease.requestId, err: error });
        await clock.sleep(settlePauseMs);
      }
    }
    return store.settle(settlement);
  }
}

// One second apart: about as long as the lease lives without renewal.
const settleTries = 10;
const settlePauseMs = 1_000;

const unknownFacts = { failure: undefined, answer: undefined, usage: undefined, modelVersion: undefined };

function describe(verdict: Verdict): Record<string, unknown> {
  if (verdict.kind === 'retry') return { verdict: 'retry', code: verdict.code, available_at: verdict.availableAt };
  return verdict.kind === 'fail' ? { verdict: 'fail', code: verdict.outcome.failure.code } : { verdict: verdict.kind };
}

function getModel({ request }: Claim): CatalogueModel {
  const model = findModel(request.model);
  if (!model) throw new Error(`The catalogue has no model ${request.model}`);
  return model;
}

/** The images that no call has brought so far. */
function toMissingImages({ order, attempts }: Claim): readonly number[] {
  const there = new Set(attempts.filter((attempt) => attempt.answer).map((attempt) => attempt.imageIndex));
  return Array.from({ length: order.images }, (_, index) => index).filter((index) => !there.has(index));
}
