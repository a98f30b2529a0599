import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import { toRejection } from './failures.ts';

export interface OutageOptions {
  /** The name of what is away, for the log. */
  readonly what: string;
  /** Rejects as long as it is away. Tries once and does not wait. */
  readonly probe: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long calls wait for a server that restarts, if nothing works meanwhile. */
const patienceMs = 5_000;
/** A server that has never answered may be starting together with this process. */
const firstPatienceMs = 15_000;
const probeMs = 500;

/**
 * What all calls of a store know together about a server that is away. A restart costs callers some seconds: they wait for it.
 * After that no call waits any more: calls are refused at once, and a background probe finds out when the server is back.
 */
export class Outage {
  readonly #options: OutageOptions;
  readonly #closing = new AbortController();
  #hasWorked = false;
  /** The time of the first failure since something worked. */
  #since: number | undefined;
  #declared: { readonly error: unknown } | undefined;
  #probing: Promise<void> = Promise.resolve();

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** Throws a `StoreUnavailableError` while the server is known to be away. */
  refuse(): void {
    if (this.#declared) throw toRejection(this.#declared.error);
  }

  worked(): void {
    this.#hasWorked = true;
    this.#since = undefined;
  }

  /** A call has failed again; its first failure was at `first`. Returns until when it may wait for the server. */
  failed(first: number): number {
    this.#since ??= first;
    return Math.min(first, this.#since) + this.#patienceMs;
  }

  /** A call gives up. If nothing else has worked for as long, no call waits from now on. */
  giveUp(error: unknown, now: number): void {
    if (this.#declared || this.#closing.signal.aborted || this.#since === undefined) return;
    if (now < this.#since + this.#patienceMs) return;
    const { what, logger } = this.#options;
    logger.error({ event: 'database.away', what, err: error });
    this.#declared = { error };
    this.#probing = this.#probe();
  }

  /** Resolves when no probe is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#probing;
  }

  get #patienceMs(): number {
    return this.#hasWorked ? patienceMs : firstPatienceMs;
  }

  async #probe(): Promise<void> {
    const { what, probe, clock, logger } = this.#options;
    while (!this.#closing.signal.aborted) {
      await clock.sleep(probeMs, this.#closing.signal);
      const isBack = await probe().then(
        () => true,
        () => false,
      );
      if (!isBack) continue;
      logger.warn({ event: 'database.back', what });
      this.#declared = undefined;
      this.worked();
      return;
    }
  }
}
