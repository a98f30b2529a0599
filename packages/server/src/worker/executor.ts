import path from 'node:path';
import type { CallEnd } from '../core/image-request.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { SpoolFolder } from '../recovery/spool-folder.ts';
import type { Claim, RequestStore } from '../store/request-store.ts';
import type { AttemptCourse } from './claimer.ts';
import type { PreparedClaim, Preparer } from './preparer.ts';
import type { Settler } from './settler.ts';
import type { UpstreamCaller } from './upstream-caller.ts';

export interface ExecutorOptions {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly preparer: Preparer;
  readonly caller: UpstreamCaller;
  readonly settler: Settler;
  /** Every attempt has a folder in it. */
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes a claimed request through one attempt: its turns into spool files, the calls that the claim was granted, the pictures
 * into the media store, one verdict, one write.
 */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the attempt has ended and nothing of it is left in the spool. The course's signal ends it early: what
   * is not done by then is given back without blame.
   */
  async execute(claim: Claim, course: AttemptCourse): Promise<void> {
    const { store, media, preparer, settler, spoolFolder, logger } = this.#options;
    const name = `${claim.request.id}-${claim.lease.attempt}`;
    const folder = new SpoolFolder(path.join(spoolFolder, name), { store, media, logger });
    let recorded: readonly CallEnd[] | undefined;
    try {
      const made = await this.#attempt(claim, folder, course).catch((error: unknown) =>
        preparer.failAll(claim, error, course.signal),
      );
      const ends = [...made, ...this.#toUnmade(claim, made)];
      if (await settler.settle(claim, ends, course.signal)) recorded = ends;
    } finally {
      // Refused or unwritten: another process may have moved the request on, so that only the store knows what it has.
      await (recorded ? folder.removeRecorded(recorded) : folder.clear());
    }
  }

  async #attempt(claim: Claim, folder: SpoolFolder, course: AttemptCourse): Promise<readonly CallEnd[]> {
    const prepared = await this.#options.preparer.prepare(claim, folder, course.signal);
    if (prepared.kind === 'ended') return prepared.ends;
    for (const _ of claim.imageIndexes.slice(prepared.imageIndexes.length)) course.freeSlot();
    return this.#callAll(claim, prepared, { folder, ...course });
  }

  /** Ends of calls that the claim has marked as sent and that were not made after all. */
  #toUnmade({ isBegun = false, imageIndexes }: Claim, made: readonly CallEnd[]): readonly CallEnd[] {
    const unmade = imageIndexes.filter((index) => isBegun && !made.some(({ imageIndex }) => imageIndex === index));
    const end = {
      endedAt: this.#options.clock.now(),
      result: 'interrupted',
      costMicros: 0,
      isPossiblyBilled: false,
    } as const;
    return unmade.map((imageIndex) => ({ imageIndex, ...end }));
  }

  async #callAll(
    claim: Claim,
    { model, resolved, imageIndexes, flag }: PreparedClaim,
    { folder, signal, freeSlot }: AttemptCourse & { readonly folder: SpoolFolder },
  ): Promise<readonly CallEnd[]> {
    const { caller, settler } = this.#options;
    let underWay = 0;
    const call = async (imageIndex: number): Promise<CallEnd[]> => {
      underWay += 1;
      const end = await caller.call({ claim, model, resolved, imageIndex, folder, signal, flag });
      underWay -= 1;
      // The last end is written with the verdict; the others as soon as they are there, since their pictures are paid for.
      if (end && underWay > 0) await settler.keepEnd(claim, end);
      freeSlot();
      return end ? [end] : [];
    };
    return (await Promise.all(imageIndexes.map(call))).flat();
  }
}
