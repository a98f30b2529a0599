import type { Failure } from '../../core/failures.ts';
import { between, type ErrorAnswer, type FailureRow, is, toRowFailure } from '../http-failure.ts';

/** Source of the words: https://developers.openai.com/api/docs/guides/error-codes, and what users report. */
const rows: readonly FailureRow[] = [
  {
    status: between(400, 499),
    says: /moderation_stage=output/i,
    code: 'image_blocked',
    message: 'The upstream blocked the picture that it made; a different prompt may be accepted.',
  },
  {
    status: between(400, 499),
    says: /moderation_blocked|content_policy_violation|safety system|content_filter/i,
    code: 'prompt_blocked',
    message:
      'The upstream blocked the prompt or its pictures; other words or other reference pictures may be accepted.',
  },
  {
    status: between(400, 429),
    says: /insufficient_quota|exceeded your current quota|billing|spend_limit|hard_limit|credit/i,
    code: 'upstream_billing',
    message: 'The account has no credit left or has reached its spending limit: check its billing.',
  },
  {
    status: is(429),
    says: /per day|\bRPD\b|\bTPD\b|\bIPD\b/i,
    code: 'upstream_quota_exhausted',
    message: 'The account has used its daily quota.',
  },
  {
    status: is(429),
    says: /overload|capacity|engine.{0,20}busy/i,
    code: 'upstream_overloaded',
    message: 'The upstream has no capacity for this model at the moment.',
  },
  {
    status: is(429),
    says: /rate.?limit|per min|too many requests|slow.?down|\b[RTI]PM\b/i,
    code: 'upstream_rate_limited',
    message: 'The account sends more than its limits allow; it can continue in about a minute.',
  },
  {
    status: is(429, 503, 529),
    code: 'upstream_overloaded',
    message: 'The upstream has no capacity for this model at the moment.',
  },
  {
    status: is(408, 504),
    code: 'upstream_timeout',
    message: 'The upstream gave up because the picture took too long.',
  },
  {
    status: is(401, 403),
    says: /unsupported_country|country, region|ip.{0,10}not.{0,10}(?:allowed|authorized)/i,
    code: 'upstream_location_unsupported',
    message: 'The upstream does not serve this location; the server must call from a supported one.',
  },
  {
    status: between(400, 404),
    says: /must be verified|does not have access to|model_not_found|model.{0,80}(?:does not exist|not found)|deprecated|retired|shut down/i,
    code: 'upstream_model_unavailable',
    message:
      'The upstream does not serve this model to this account, or has retired it: check the model and the account.',
  },
  {
    status: is(401, 403),
    code: 'upstream_key_invalid',
    message: 'The upstream refused the API key: it is wrong, revoked, or may not make pictures.',
  },
  {
    status: is(404, 405),
    code: 'upstream_model_unavailable',
    message: 'The upstream has no such model or no such call under this address: check the model id and the base URL.',
  },
  {
    status: is(400, 415, 422),
    says: /invalid_image|image_parse|invalid image|image file|unsupported_file|unsupported image|image_file/i,
    code: 'upstream_reference_rejected',
    message: 'The upstream could not read a reference picture; another file, as PNG or JPEG, may help.',
  },
];

/** Its quota of the day is no calendar's: it comes back little by little, so five minutes later there is some again. */
const quotaWaitMs = 300_000;

/** The failure that an HTTP error of the upstream means, or an error inside a 200. */
export function toHttpFailure(answer: ErrorAnswer, apiKey: string): Failure {
  return toRowFailure(answer, {
    rows,
    secret: apiKey,
    toRetryAfterMs: (code) => answer.retryDelayMs ?? (code === 'upstream_quota_exhausted' ? quotaWaitMs : 0),
  });
}

/** OpenAI does not say whether what its moderation stops is charged. */
export function isPossiblyCharged({ code }: Failure): boolean {
  return code === 'prompt_blocked' || code === 'image_blocked';
}

export function toNoImageFailure(): Failure {
  return { code: 'no_image', message: 'The model was asked for a picture but made none.', upstreamStatus: 200 };
}
