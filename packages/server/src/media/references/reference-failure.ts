import { OutboundFailure } from '../../outbound/outbound-failure.ts';

interface FailureFacts {
  /** Could the same URL give the picture in a moment? */
  readonly isTransient?: boolean;
  /** Is the only problem that there are too many bytes? */
  readonly isTooLarge?: boolean;
  /** Has the server asked to come back later? */
  readonly isBusy?: boolean;
  /** The shortest time to wait before that, if the server named one. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Why a picture cannot be fetched. Travels through the streams, and becomes a value at the fetcher's door. */
export class ReferenceFailure extends OutboundFailure {
  override readonly name = 'ReferenceFailure';
  readonly isTooLarge: boolean;
  readonly isBusy: boolean;
  readonly retryAfterMs: number | undefined;

  /** `reason` ends a sentence: "… could not be used: the server answered 404". */
  constructor(reason: string, { isTooLarge = false, isBusy = false, retryAfterMs, ...facts }: FailureFacts = {}) {
    super(reason, facts);
    this.isTooLarge = isTooLarge;
    this.isBusy = isBusy;
    this.retryAfterMs = retryAfterMs;
  }
}
