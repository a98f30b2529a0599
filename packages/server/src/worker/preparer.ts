import type { Failure } from '../core/failures.ts';
import type { CallEnd } from '../core/image-request.ts';
import { toHopefulImages } from '../core/verdict.ts';
import type { ResolvedTurns, TurnResolver } from '../media/conversation/turn-resolver.ts';
import { MediaUnreadableError } from '../media/media-errors.ts';
import type { ModelSpec } from '../models/model-spec.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { Moderation } from '../moderation/moderation.ts';
import type { Clock } from '../platform/clock.ts';
import { isDiskFull } from '../platform/disk-full.ts';
import type { Logger } from '../platform/logger.ts';
import type { SpoolFolder } from '../recovery/spool-folder.ts';
import type { Claim } from '../store/request-store.ts';
import { type Admission, admit } from './admission.ts';
import type { FindConnection } from './connection.ts';
import { defect, fullDiskPauseMs, toFailedEnd } from './failed-ends.ts';
import type { Settler } from './settler.ts';

export interface PreparerOptions {
  readonly models: ModelRegistry;
  readonly turns: TurnResolver;
  readonly findConnection: FindConnection;
  /** Missing: nobody is asked. */
  readonly moderation?: Moderation | undefined;
  readonly settler: Pick<Settler, 'toCircumstances'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A claim whose calls can be sent. */
export interface PreparedClaim {
  readonly kind: 'prepared';
  readonly model: ModelSpec;
  readonly resolved: Extract<ResolvedTurns, { readonly kind: 'turns' }>;
  /** The images to call for, at least one. */
  readonly imageIndexes: readonly number[];
  /** What the moderation said when it let the request pass with a flag. */
  readonly flag: string | undefined;
}

/** Nothing is sent: these are the ends of the claim's calls; none of them: the request is given back. */
export interface UnpreparedClaim {
  readonly kind: 'ended';
  readonly ends: readonly CallEnd[];
}

/** Everything between a claim and its calls: the deadline, the moderation, and the turns into spool files. */
export class Preparer {
  readonly #options: PreparerOptions;

  constructor(options: PreparerOptions) {
    this.#options = options;
  }

  /** Puts the files of the turns into the folder, which it makes if there may be any. `signal` ends it early. Rejects only for defects of `failAll`. */
  async prepare(claim: Claim, folder: SpoolFolder, signal: AbortSignal): Promise<PreparedClaim | UnpreparedClaim> {
    try {
      return await this.#prepare(claim, folder, signal);
    } catch (error) {
      return { kind: 'ended', ends: await this.failAll(claim, error, signal) };
    }
  }

  async #prepare(claim: Claim, folder: SpoolFolder, signal: AbortSignal): Promise<PreparedClaim | UnpreparedClaim> {
    // A claim may come after the deadline, when nothing has looked before: then nothing is sent.
    if (this.#options.clock.now() >= claim.request.deadlineAt) return { kind: 'ended', ends: [] };
    const model = this.#getModel(claim);
    const rules = this.#options.findConnection(claim.upstream, model.provider)?.turnRules;
    if (!rules) throw new Error(`There is no upstream ${claim.upstream}`);
    const admission = await this.#admit(claim, signal);
    if (signal.aborted) return { kind: 'ended', ends: [] };
    if (admission.kind === 'refused') return { kind: 'ended', ends: this.#failUnsent(claim, admission.failure) };
    // Calls that are begun have no files in it before they are made.
    if (!claim.isBegun) await folder.create();
    const resolved = await this.#options.turns.resolve(claim.order.conversation, {
      organizationId: claim.request.organizationId,
      folder: folder.path,
      provider: model.provider,
      ownProvider: this.#options.models.find(claim.request.model)?.provider,
      rules,
      mask: claim.order.mask,
      isUnsigned: claim.attempts.some(({ failure }) => failure?.code === 'upstream_signature_missing'),
      signal,
    });
    if (resolved.kind === 'failed') return { kind: 'ended', ends: this.#failUnsent(claim, resolved.failure) };
    const imageIndexes = this.#toHopeful(claim);
    if (imageIndexes.length === 0) return { kind: 'ended', ends: [] };
    return { kind: 'prepared', model, resolved, imageIndexes, flag: admission.flag };
  }

  async #admit(claim: Claim, signal: AbortSignal): Promise<Admission> {
    const { moderation } = this.#options;
    return moderation ? admit(claim, moderation, signal) : { kind: 'admitted' };
  }

  /** The model to call. */
  #getModel({ request, standIn }: Claim): ModelSpec {
    const name = standIn?.model ?? request.model;
    const model = this.#options.models.find(name);
    if (!model) throw new Error(`There is no model ${name}`);
    return model;
  }

  /** The images to call for. Calls that were granted and are not made leave the log when the attempt ends. */
  #toHopeful(claim: Claim): readonly number[] {
    const hopeful = toHopefulImages(claim, this.#options.settler.toCircumstances(claim));
    const granted = claim.imageIndexes.filter((index) => hopeful.includes(index));
    // Calls were granted only for images that have no hope: they are made nevertheless, so that the next grant is for another.
    return granted.length === 0 && hopeful.length > 0 ? claim.imageIndexes : granted;
  }

  /** Nothing was sent. Unless it is a defect, the request is given back: at shutdown, or when disk or storage may do it later. */
  async failAll(claim: Claim, error: unknown, signal: AbortSignal): Promise<readonly CallEnd[]> {
    const { clock, logger } = this.#options;
    if (signal.aborted) return [];
    logger.error({ event: 'attempt.broken', request_id: claim.request.id, err: error });
    if (!isDiskFull(error) && !(error instanceof MediaUnreadableError)) return this.#failUnsent(claim, defect);
    // Given back, it is claimed again at once.
    await clock.sleep(fullDiskPauseMs, signal);
    return [];
  }

  /** The attempt ends without a call; its lines stay in the log nevertheless, since attempts are counted there. */
  #failUnsent({ imageIndexes }: Claim, failure: Failure): readonly CallEnd[] {
    const endedAt = this.#options.clock.now();
    return imageIndexes.map((imageIndex) => toFailedEnd({ imageIndex, failure, endedAt }));
  }
}
