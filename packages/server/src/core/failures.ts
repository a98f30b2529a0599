/** Whose fault a failure is: the caller's (change the request), the upstream's (wait), the operator's (change the set-up). */
export type Blame = 'caller' | 'upstream' | 'operator';

/**
 * What a failure says about the upstream as a whole.
 * - `strain`: one of several; when there are many, the breaker opens.
 * - `wait`: no call before the time that the upstream named, then all of them.
 * - `probe`: no call for a while, then a single one, until one succeeds.
 * - `avoid`: the upstream's set-up is wrong; another one is preferred for a while, and the request may be tried there.
 *
 * `scope`: the model on this upstream, or all of the upstream.
 */
export type UpstreamEffect =
  | { readonly kind: 'strain' }
  | { readonly kind: 'wait' | 'probe' | 'avoid'; readonly scope: 'model' | 'upstream' };

/** What is always true of a failure code. */
export interface FailureKind {
  /** Could the same call give another result if it is made again? */
  readonly isRetryable: boolean;
  readonly blame: Blame;
  /**
   * Does it use up one of the tries that every image has (`maxTries`)? What the upstream refuses for free, before any work, does
   * not: it is tried until the request's deadline.
   */
  readonly countsAsTry: boolean;
  /** How often the call may be tried again after this failure; without it, the tries and the deadline are the limits. */
  readonly maxRetries?: number;
  /** The least time before the next try, in milliseconds, where the upstream usually names none. */
  readonly leastWaitMs?: number;
  /** The longest wait that the upstream can ask for, in milliseconds; without it, `longestWaitMs`. */
  readonly mostWaitMs?: number;
  /** What it says about the upstream beyond the one call. */
  readonly effect?: UpstreamEffect;
  /** What it means, for the reference page of errors. */
  readonly meaning: string;
}

/**
 * How a request or an attempt can end badly. A released code is never renamed. Source of the upstream's shapes:
 * docs/architecture/upstream.md.
 */
export const failureKinds = {
  upstream_overloaded: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: false,
    effect: { kind: 'strain' },
    meaning: 'The upstream has no capacity at the moment (503, or a 429 without a quota).',
  },
  upstream_rate_limited: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: false,
    effect: { kind: 'wait', scope: 'model' },
    leastWaitMs: 30_000,
    meaning: 'The account sends more requests per minute than the upstream allows.',
  },
  upstream_quota_exhausted: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'wait', scope: 'model' },
    // A day in autumn has 25 hours.
    mostWaitMs: 25 * 3_600_000,
    meaning: 'The account has used its daily quota. The quota is reset at midnight in the time zone of the upstream.',
  },
  upstream_spend_limited: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'probe', scope: 'upstream' },
    leastWaitMs: 60_000,
    meaning: 'The account spends faster than the upstream allows.',
  },
  upstream_billing: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'probe', scope: 'upstream' },
    leastWaitMs: 300_000,
    meaning: 'The account has no credit left, or has reached its spending cap.',
  },
  upstream_paid_tier_required: {
    isRetryable: false,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'avoid', scope: 'model' },
    meaning: 'The upstream serves this model only to accounts with billing enabled.',
  },
  upstream_key_invalid: {
    isRetryable: false,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'avoid', scope: 'upstream' },
    meaning: 'The upstream refused the API key.',
  },
  upstream_location_unsupported: {
    isRetryable: false,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'avoid', scope: 'upstream' },
    meaning: 'The upstream does not serve this location or this account.',
  },
  upstream_model_unavailable: {
    isRetryable: false,
    blame: 'operator',
    countsAsTry: false,
    effect: { kind: 'avoid', scope: 'model' },
    meaning: 'The upstream has no such model, or has retired it.',
  },
  upstream_rejected: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'The upstream rejected the request as invalid.',
  },
  upstream_signature_missing: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: true,
    maxRetries: 1,
    meaning:
      'A part of the conversation lacked the signature that the upstream expects. The request is tried once more, with the last picture as a reference.',
  },
  upstream_reference_rejected: {
    isRetryable: true,
    blame: 'caller',
    countsAsTry: true,
    maxRetries: 1,
    meaning: 'The upstream could not read a reference picture.',
  },
  upstream_error: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: true,
    effect: { kind: 'strain' },
    meaning: 'The upstream had an internal error (500, 502 or another 5xx).',
  },
  upstream_timeout: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: true,
    effect: { kind: 'strain' },
    meaning: 'The upstream did not answer in time.',
  },
  upstream_unreachable: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: false,
    effect: { kind: 'strain' },
    meaning: 'The upstream could not be reached; nothing was sent.',
  },
  upstream_connection_lost: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: true,
    effect: { kind: 'strain' },
    meaning: 'The connection broke after the request was sent.',
  },
  upstream_answer_invalid: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: true,
    maxRetries: 1,
    meaning: 'The answer of the upstream was not understood, or was larger than allowed.',
  },
  upstream_picture_unsupported: {
    isRetryable: false,
    blame: 'upstream',
    countsAsTry: true,
    meaning:
      'The upstream made a picture in a format that cannot be converted here, such as HEIC. Another try would give the same format.',
  },
  upstream_answer_lost: {
    isRetryable: true,
    blame: 'operator',
    // How often it is made again is the operator's choice: docs/decisions/0005-lost-answers.md
    countsAsTry: true,
    meaning: 'The worker ended while the upstream was answering; the answer, which may have been billed, is lost.',
  },
  prompt_blocked: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'The upstream blocked the prompt.',
  },
  image_blocked: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'The upstream blocked the picture it made.',
  },
  recitation_blocked: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'The upstream withheld the picture because it is too close to an existing work.',
  },
  moderation_blocked: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'The moderation of this service blocked the request or the picture.',
  },
  moderation_unavailable: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: false,
    leastWaitMs: 15_000,
    meaning:
      'The moderation of this service did not answer; nothing was sent to the upstream. It is asked again until the deadline.',
  },
  picture_unmoderated: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: true,
    maxRetries: 1,
    meaning:
      'The picture was made, but the moderation of this service did not say within minutes whether it may be served.',
  },
  no_image: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: true,
    maxRetries: 2,
    meaning: 'The model was asked for a picture but made none.',
  },
  text_only: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'The model answered in words instead of a picture.',
  },
  token_limit: {
    isRetryable: true,
    blame: 'upstream',
    countsAsTry: true,
    maxRetries: 1,
    meaning: 'The model used all its tokens before the picture was made.',
  },
  reference_unavailable: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'A reference picture or a mask could not be fetched or read, or the mask does not fit its picture.',
  },
  reference_busy: {
    isRetryable: true,
    blame: 'caller',
    countsAsTry: false,
    leastWaitMs: 5_000,
    meaning:
      'The host of a reference picture said to try again later (429 or 503). Darkroom tries again until the deadline.',
  },
  reference_not_uploaded: {
    isRetryable: true,
    blame: 'caller',
    countsAsTry: false,
    maxRetries: 20,
    leastWaitMs: 5_000,
    meaning:
      'A reference is an upload that has not arrived yet. Darkroom keeps looking for it for two to three minutes.',
  },
  media_deleted: {
    isRetryable: false,
    blame: 'caller',
    countsAsTry: true,
    meaning: 'A picture that the request refers to was deleted or has expired.',
  },
  media_lost: {
    isRetryable: false,
    blame: 'operator',
    countsAsTry: true,
    meaning: 'A stored picture is missing from the media storage, or is cut off there.',
  },
  media_unwritable: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: true,
    maxRetries: 2,
    meaning: 'The picture was made but could not be stored.',
  },
  deadline_exceeded: {
    isRetryable: false,
    blame: 'upstream',
    countsAsTry: true,
    meaning: 'The request was not done by its deadline.',
  },
  internal_error: {
    isRetryable: true,
    blame: 'operator',
    countsAsTry: true,
    maxRetries: 1,
    meaning: 'A defect in Darkroom. Its log says more.',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureCode = keyof typeof failureKinds;

/** True because the keys of the table are the codes. */
export const failureCodes = Object.keys(failureKinds) as readonly FailureCode[];

/** The facts of one failure, on an attempt and, when it is final, in the request's outcome. */
export interface Failure {
  readonly code: FailureCode;
  /** One sentence for the caller; holds no secret. */
  readonly message: string;
  /** The least time to wait before the next try, in milliseconds, when the upstream named one. */
  readonly retryAfterMs?: number;
  /** The upstream's HTTP status, when it answered. */
  readonly upstreamStatus?: number;
  /** The upstream's own words, at most 2,000 characters, without secrets. */
  readonly upstreamMessage?: string;
  /** Why the model ended its answer, in the upstream's word, when it said so. */
  readonly finishReason?: string;
  /** Why the prompt was blocked, in the upstream's word, when it said so. */
  readonly blockReason?: string;
  /** What the model said instead of a picture, at most 2,000 characters. */
  readonly modelText?: string;
  /** What the moderation said when it let the request pass with a flag. */
  readonly moderationFlag?: string;
}

/** After five minutes the next call shows whether an upstream that has named a longer time was right. */
const longestWaitMs = 300_000;

/**
 * How long to wait because of the failure: the time that the upstream has named, within bounds, or else the time that its kind
 * needs.
 */
export function toWaitMs({ code, retryAfterMs }: Failure): number {
  const { leastWaitMs = 0, mostWaitMs = longestWaitMs } = toFailureKind(code);
  return Math.min(retryAfterMs ?? leastWaitMs, mostWaitMs);
}

/** Did the upstream refuse the call because it, or the account, has too much to do at the moment? */
export function isRefusalForLoad(code: FailureCode): boolean {
  return code === 'upstream_overloaded' || code === 'upstream_rate_limited';
}

export function toFailureKind(code: FailureCode): FailureKind {
  return failureKinds[code];
}
