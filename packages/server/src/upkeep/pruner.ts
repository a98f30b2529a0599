import { endedStatuses, type Retention, toKeptMs } from '../core/retention.ts';
import { type RemoveObjectsOptions, removeObjects } from '../media/remove-objects.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import type { Pruned, PrunePlace, PruneQuery, RemovalStore } from '../store/removal-store.ts';

/** How long things are kept, in milliseconds. */
export interface KeptTimes {
  /** Ended requests with everything that belongs to them. */
  readonly requests: Retention;
  /** Their pictures alone, which may go before them. */
  readonly pictures: Retention;
  /** Webhooks that were delivered or given up. */
  readonly webhooksMs: number;
  /** What is known of removed requests and pictures. */
  readonly tombstonesMs: number;
}

export interface PrunerOptions extends RemoveObjectsOptions {
  readonly removals: RemovalStore;
  readonly kept: KeptTimes;
  readonly logger: Logger;
}

/** A batch of SQLite takes some 5 ms of the event loop; PostgreSQL holds the lanes of a batch for about as long. */
const batch = 20;
/** What waits behind a batch goes first. */
const pauseMs = 10;
const organizationsAtOnce = 200;
const smallRows = 200;
const mostPauseMs = 10_000;
const leastPauseMs = 1_000;

/**
 * Removes what need not be kept any longer: requests whose time is over, their pictures before them, ended webhooks and the memory of what was removed.
 * The workers of all processes share the work, in small batches between which everything else goes on.
 */
export function createPruner(options: PrunerOptions): Service {
  const { clock, logger } = options;
  const everyMs = toPauseMs(options.kept);
  return createRepeat({
    event: 'pruning.failed',
    everyMs,
    work: async (stopping) => {
      // After a long round there is enough for another one at once.
      while ((await pruneOnce(options, stopping)) > everyMs && !stopping.aborted);
    },
    clock,
    logger,
  });
}

/** Resolves to how long it took, in milliseconds. */
async function pruneOnce(options: PrunerOptions, stopping: AbortSignal): Promise<number> {
  const { clock, logger } = options;
  const begunAt = clock.now();
  const round = new Round(options, stopping);
  await round.prune();
  const { requests, pictures } = round;
  if (requests + pictures > 0) logger.info({ event: 'requests.pruned', requests, pictures });
  return clock.now() - begunAt;
}

/** Short times are kept to about a quarter more. */
function toPauseMs({ requests, pictures }: KeptTimes): number {
  const shortest = Math.min(...[...requests, ...pictures].map(({ keptMs = Number.POSITIVE_INFINITY }) => keptMs));
  return Math.max(leastPauseMs, Math.min(mostPauseMs, shortest / 4));
}

/** One look at everything that may be over. */
class Round {
  readonly #options: PrunerOptions;
  readonly #stopping: AbortSignal;
  /** What is over now goes in this round, and the rest in the next one: each round ends, however much is over by then. */
  readonly #begunAt: number;
  /** How many requests went, and how many others lost their pictures. */
  requests = 0;
  pictures = 0;

  constructor(options: PrunerOptions, stopping: AbortSignal) {
    this.#options = options;
    this.#stopping = stopping;
    this.#begunAt = options.clock.now();
  }

  async prune(): Promise<void> {
    const { removals, kept } = this.#options;
    const query = { limit: batch, now: this.#begunAt, tombstoneMs: kept.tombstonesMs };
    this.requests += await this.#walk((after) => removals.pruneExpired({ ...query, ...after }));
    if (kept.requests.length + kept.pictures.length > 0) await this.#pruneOrganizations();
    await removeObjects(this.#options, this.#stopping);
    await this.#forget();
  }

  async #pruneOrganizations(): Promise<void> {
    let after: string | undefined;
    do {
      const page = { ...(after !== undefined && { after }), limit: organizationsAtOnce };
      const ids = await this.#options.removals.listOrganizations(page);
      for (const id of ids) await this.#pruneOrganization(id);
      after = ids.length < organizationsAtOnce ? undefined : ids.at(-1);
    } while (after !== undefined && !this.#stopping.aborted);
  }

  async #pruneOrganization(organizationId: string): Promise<void> {
    const { kept } = this.#options;
    for (const status of endedStatuses) {
      this.requests += await this.#pruneStatus(kept.requests, { organizationId, status, what: 'requests' });
      this.pictures += await this.#pruneStatus(kept.pictures, { organizationId, status, what: 'pictures' });
    }
  }

  async #pruneStatus(
    retention: Retention,
    query: Pick<PruneQuery, 'organizationId' | 'status' | 'what'>,
  ): Promise<number> {
    const { removals, kept } = this.#options;
    const keptMs = toKeptMs(retention, query.organizationId, query.status);
    if (keptMs === undefined) return 0;
    const times = { endedUntil: this.#begunAt - keptMs, now: this.#begunAt, tombstoneMs: kept.tombstonesMs };
    return this.#walk((after) => removals.prune({ ...query, ...times, ...after, limit: batch }));
  }

  /**
   * Batch after batch. The bytes of one go while the rows of the next do, or a busy service would end more requests than go. The storage
   * never lags behind by more than two batches.
   */
  async #walk(prune: (after: { readonly after?: PrunePlace }) => Promise<Pruned>): Promise<number> {
    let count = 0;
    let next: PrunePlace | undefined;
    let removal: Promise<unknown> = Promise.resolve();
    do {
      const [pruned] = await Promise.all([prune(next ? { after: next } : {}), removal]);
      count += pruned.ids.length;
      next = pruned.next;
      if (pruned.ids.length > 0) removal = removeObjects(this.#options, this.#stopping);
      // What it rejects with is thrown when it is awaited.
      removal.catch(() => undefined);
      if (next) await this.#options.clock.sleep(pauseMs, this.#stopping);
    } while (next && !this.#stopping.aborted);
    await removal;
    return count;
  }

  async #forget(): Promise<void> {
    const { removals, kept, clock } = this.#options;
    while ((await removals.forgetRemoved({ now: clock.now(), limit: smallRows })) >= smallRows) {
      if (this.#stopping.aborted) return;
    }
    for (let after: number | undefined = 0; after !== undefined && !this.#stopping.aborted; ) {
      const createdUntil = clock.now() - kept.webhooksMs;
      after = (await removals.forgetDeliveries({ createdUntil, after, limit: smallRows })).next;
    }
  }
}
