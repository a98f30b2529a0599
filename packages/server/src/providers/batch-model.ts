import type { Failure } from '../core/failures.ts';
import type { ImageAnswer, ImageCall, ImageModel } from './image-model.ts';

/**
 * Jobs of many calls, where an upstream has them: they cost less and take hours. Like an `ImageModel`, it makes each call to the
 * upstream once, repeats none, and never rejects because of what the upstream or the network did.
 */
export interface BatchModel {
  /** Of all calls of a job together, by `bytesOf`. */
  readonly maxJobBytes: number;

  /** How much the call adds to its job. Reads no file. */
  bytesOf(call: ImageCall): number;

  /**
   * Makes a job. `beforeSending` is asked when everything is prepared, right before the call that makes it; when it resolves to
   * `false`, that call is not made.
   */
  create(order: BatchOrder, signal: AbortSignal): Promise<BatchCreation>;

  /** Looks for a job by the id that its order had. `missing`: the upstream does not list it; it may still be on its way there. */
  find(id: string, look: LookOptions): Promise<BatchSearch>;

  /** Asks how the job is doing and, when it has ended, for its answers. */
  look(job: NamedJob, look: LookOptions): Promise<BatchLook>;

  /** Asks for the end of a job. It ends later, or had ended before. Resolves to what was wrong, if anything was. */
  cancel(upstreamName: string, signal: AbortSignal): Promise<Failure | undefined>;
}

export interface BatchOrder {
  readonly id: string;
  /** The upstream's id of the model. */
  readonly upstreamModel: string;
  /** Their files are read while they are sent, and not afterwards. */
  readonly calls: readonly KeyedCall[];
  readonly beforeSending: () => Promise<boolean>;
}

export interface KeyedCall {
  /** Comes back with the answer. */
  readonly key: string;
  readonly call: ImageCall;
}

export type BatchCreation =
  | { readonly kind: 'created'; readonly upstreamName: string }
  /** The upstream does not have the job. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** `beforeSending` has refused, or the server stops. The upstream does not have the job. */
  | { readonly kind: 'unsent' }
  /** The upstream may have the job. */
  | { readonly kind: 'unknown'; readonly failure: Failure };

export type BatchSearch =
  | { readonly kind: 'found'; readonly upstreamName: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface LookOptions {
  /** An existing folder for the files of the answers. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A job that the upstream has made. */
export interface NamedJob {
  /** Of its order. */
  readonly id: string;
  readonly upstreamName: string;
  /** The number of its calls. */
  readonly calls: number;
}

export type BatchLook =
  | { readonly kind: 'waiting'; readonly state: 'pending' | 'running' }
  | EndedBatch
  /** The upstream does not have the job any more, or never had it. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface EndedBatch {
  readonly kind: 'ended';
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'expired';
  /**
   * The answers as they come, each call's at most once. Files of an answer are in the folder until its reader removes them. Rejects with
   * `UnreadAnswersError` when the rest cannot be read now.
   */
  readonly answers: AsyncIterable<KeyedAnswer>;
  /** How a call has ended that has no answer. */
  readonly rest: UnansweredCall;
  /** Removes what the upstream keeps of the job. Call it when every answer is recorded. Never rejects. */
  remove(signal: AbortSignal): Promise<void>;
}

export interface KeyedAnswer {
  readonly key: string;
  readonly answer: ImageAnswer;
}

export interface UnansweredCall {
  /** `interrupted`: it was not made, and nobody is to blame. */
  readonly kind: 'failed' | 'interrupted';
  readonly failure: Failure;
  readonly isPossiblyBilled: boolean;
}

export class UnreadAnswersError extends Error {
  override readonly name = 'UnreadAnswersError';
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** An `ImageModel` whose upstream may have jobs. */
export interface BatchingModel extends ImageModel {
  readonly batches?: BatchModel | undefined;
}
