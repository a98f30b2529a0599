import type { Failure } from '../../core/failures.ts';
import { toQuotaResetMs } from '../../core/quota-day.ts';
import { between, type ErrorAnswer, type FailureRow, is, toRowFailure } from '../http-failure.ts';
import { quotaTimeZone } from './quota-time-zone.ts';

/**
 * What the upstream's HTTP errors mean. Source of the shapes: docs/architecture/upstream.md, "HTTP errors" and "429 is
 * five different conditions".
 */
const rows: readonly FailureRow[] = [
  {
    status: is(429),
    says: /\blimit: 0(?![\d.])|free.?tier/i,
    code: 'upstream_paid_tier_required',
    message: 'The Google project is on the free tier, which has no image models: enable billing for it.',
  },
  {
    status: is(429),
    says: /spend-based|spending rate/i,
    code: 'upstream_spend_limited',
    message:
      'The Google project spends faster than its tier allows; fewer calls in ten minutes or a higher tier would help.',
  },
  {
    status: is(402, 429),
    says: /prepay|credits? (?:are|is|have been) depleted|spend(?:ing)? cap|monthly[^.]{0,40}(?:cap|limit)/i,
    code: 'upstream_billing',
    message: 'The Google project has no credit left or has reached its monthly cap: check its billing.',
  },
  {
    status: is(429),
    says: /per.?day/i,
    code: 'upstream_quota_exhausted',
    message: 'The Google project has used its daily quota, which is reset at midnight Pacific time.',
  },
  {
    status: is(429),
    says: /per.?minute|exceeded your current quota|quota exceeded/i,
    code: 'upstream_rate_limited',
    message: 'The Google project sends more calls than its quota allows; it can continue in about a minute.',
  },
  {
    status: is(429, 503),
    code: 'upstream_overloaded',
    message:
      'The upstream has no capacity for this model at the moment; this usually passes within minutes to an hour.',
  },
  {
    status: is(408, 504),
    code: 'upstream_timeout',
    message: 'The upstream gave up because the picture took too long.',
  },
  {
    status: between(400, 403),
    says: /API_KEY_INVALID|API key (?:not valid|expired|not found)/i,
    code: 'upstream_key_invalid',
    message: 'The upstream refused the Google API key: it is wrong, expired or revoked.',
  },
  {
    status: between(400, 403),
    says: /FAILED_PRECONDITION.*(?:billing|free.?tier)|requires billing/is,
    code: 'upstream_paid_tier_required',
    message: 'The upstream serves this Google project only with billing: enable it.',
  },
  {
    status: between(400, 403),
    says: /FAILED_PRECONDITION|location is not supported|not available in your (?:country|region)/i,
    code: 'upstream_location_unsupported',
    message: 'The upstream does not serve this location or this account; the server must call from a supported one.',
  },
  {
    status: is(401, 403),
    code: 'upstream_key_invalid',
    message: 'The upstream refused the Google API key, or the key may not use this API.',
  },
  {
    status: is(404),
    code: 'upstream_model_unavailable',
    message:
      'The upstream has no such model under this address, or has retired it: check the model id, the API version and the base URL.',
  },
  {
    status: is(400),
    says: /thought[_ ]?signature/i,
    code: 'upstream_signature_missing',
    message: 'The conversation has a part without a valid thought signature; start a new conversation.',
  },
  {
    status: is(400),
    says: /unable to process input image|provided image is not valid/i,
    code: 'upstream_reference_rejected',
    message: 'The upstream could not read a reference picture; another file, as PNG or JPEG, may help.',
  },
  {
    status: is(499),
    code: 'upstream_error',
    message: 'The upstream says that the call was cancelled.',
  },
];

export interface FailureContext {
  /** The API key, or what stands for it. */
  readonly secret: string;
  readonly now: number;
  /** Rows that come before the ones above. */
  readonly rows: readonly FailureRow[];
}

/** The failure that an HTTP error of the upstream means, or an error inside a 200. */
export function toHttpFailure(answer: ErrorAnswer, { secret, now, rows: first }: FailureContext): Failure {
  return toRowFailure(answer, {
    rows: [...first, ...rows],
    secret,
    // The clock says more exactly than the answer when a daily quota is reset.
    toRetryAfterMs: (code) =>
      code === 'upstream_quota_exhausted' ? toQuotaResetMs(now, quotaTimeZone) : (answer.retryDelayMs ?? 0),
  });
}
