import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CallEnd } from '../core/image-request.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';
import type { AnswerTaker, SentCall } from './answer-taker.ts';
import type { FindConnection } from './connection.ts';
import { defect, fullDiskPauseMs, toFailedEnd } from './failed-ends.ts';
import { type PreparedCall, toImageCall } from './image-call.ts';

export interface UpstreamCallerOptions {
  readonly store: RequestStore;
  readonly findConnection: FindConnection;
  readonly answers: AnswerTaker;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One call of an attempt: its place in it, and what all calls of the attempt share. */
export interface Call extends Omit<SentCall, 'claim' | 'resolved'>, PreparedCall {
  readonly claim: Claim;
}

/** Makes one upstream call of an attempt, from the line in the log to the stored pictures. */
export class UpstreamCaller {
  readonly #options: UpstreamCallerOptions;

  constructor(options: UpstreamCallerOptions) {
    this.#options = options;
  }

  /**
   * Resolves to how the call ended, or to `undefined` when nothing was sent: the lease is gone, the log could not be
   * written, or `signal` aborted. Never rejects.
   *
   * The journal of the attempt's folder has what is stored before it is stored, and how the call ended before this resolves:
   * a process that is killed in between leaves no orphan and loses no answer.
   */
  async call(call: Call): Promise<CallEnd | undefined> {
    if (call.signal.aborted) return undefined;
    const connection = this.#options.findConnection(call.claim.upstream, call.model.provider);
    if (!connection) return this.#failUnsent(call);
    const spoolFolder = await this.#makeFolder(call);
    if (spoolFolder === undefined || !(await this.#begin(call))) return undefined;
    return this.#options.answers.take(call, () =>
      connection.model.generate(toImageCall(call, spoolFolder), call.signal),
    );
  }

  #failUnsent(call: Call): CallEnd {
    const { logger, clock } = this.#options;
    logger.error({ event: 'call.broken', ...describe(call), err: new Error('Its upstream is not there.') });
    return toFailedEnd({ imageIndex: call.imageIndex, failure: defect, endedAt: clock.now() });
  }

  /** Before the line says that something was sent: a full disk must not look like a call that may have been billed. */
  async #makeFolder(call: Call): Promise<string | undefined> {
    const { clock, logger } = this.#options;
    const folder = path.join(call.folder.path, `image-${call.imageIndex}`);
    try {
      await mkdir(folder, { recursive: true });
      return folder;
    } catch (error) {
      logger.error({ event: 'call.unprepared', ...describe(call), err: error });
      // Given back, it is claimed again at once.
      await clock.sleep(fullDiskPauseMs, call.signal);
      return undefined;
    }
  }

  async #begin(call: Call): Promise<boolean> {
    const { store, clock, logger } = this.#options;
    if (call.claim.isBegun) return true;
    try {
      const isHeld = await store.beginCalls(call.claim.lease, { imageIndexes: [call.imageIndex], now: clock.now() });
      logger.debug({ event: isHeld ? 'call.sent' : 'call.needless', ...describe(call) });
      return isHeld;
    } catch (error) {
      logger.error({ event: 'call.unlogged', ...describe(call), err: error });
      return false;
    }
  }
}

function describe({ claim: { lease, upstream }, imageIndex }: Call): Record<string, unknown> {
  return { request_id: lease.requestId, attempt: lease.attempt, image: imageIndex, upstream };
}
