import type { ProblemBody, ProblemCode, ReachedLimit } from '@darkroom/protocol';

/**
 * A refused call: what the caller is told now. It knows nothing of HTTP: `problemKinds` of the protocol says what each code
 * means, and each wire writes the problem in its own format.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  /** Each wrong key. */
  readonly details: ProblemDetails | undefined;
  /** After this time the same call may work. */
  readonly retryAfterSeconds: number | undefined;
  /** The limit that the call would exceed. */
  readonly limit: ReachedLimit | undefined;

  /** `message` is a sentence that says what is wrong and what would be right. */
  constructor(code: ProblemCode, message: string, more: ProblemFacts = {}) {
    super(message);
    this.code = code;
    this.details = more.details;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.limit = more.limit;
  }
}

export type ProblemDetails = NonNullable<ProblemBody['details']>;

export interface ProblemFacts {
  readonly details?: ProblemDetails;
  readonly retryAfterSeconds?: number;
  readonly limit?: ReachedLimit;
}
