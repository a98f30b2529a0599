import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/fakes/manual-clock.ts';
import { apiKey, ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import {
  quotaMessage,
  toErrorBody,
  toErrorInfo,
  toQuotaFailure,
  toRetryInfo,
} from '../../../test/fakes/recorded-answers.ts';
import type { Failure, FailureCode } from '../../core/failures.ts';

const noon = Date.parse('2026-11-22T20:00:00Z');

let test: ModelUnderTest;
beforeEach(async () => {
  test = await ModelUnderTest.create({ clock: new ManualClock(noon) });
});
afterEach(() => test.close());

type ErrorRow = [name: string, status: number, body: unknown, code: FailureCode, facts?: Partial<Failure>];

const perMinute = toQuotaFailure('GenerateRequestsPerMinutePerProjectPerModel');
const perDay = toQuotaFailure('GenerateRequestsPerDayPerProjectPerModel');
const freeTier = toQuotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier');
const untilMidnight = { retryAfterMs: 12 * 3_600_000 };

const exhausted = (message: string, ...details: object[]): object =>
  toErrorBody(429, 'RESOURCE_EXHAUSTED', message, details);
const invalid = (message: string, ...details: object[]): object =>
  toErrorBody(400, 'INVALID_ARGUMENT', message, details);
const precondition = (message: string): object => toErrorBody(400, 'FAILED_PRECONDITION', message);

const errorRows: readonly ErrorRow[] = [
  [
    'quota of a minute',
    429,
    exhausted(quotaMessage, perMinute, toRetryInfo('34.5s')),
    'upstream_rate_limited',
    { retryAfterMs: 34_500 },
  ],
  [
    'quota without a name',
    429,
    exhausted(`${quotaMessage}\nPlease retry in 10.67s.`),
    'upstream_rate_limited',
    { retryAfterMs: 10_670 },
  ],
  [
    'quota of a day',
    429,
    exhausted(quotaMessage, perDay, toRetryInfo('10s')),
    'upstream_quota_exhausted',
    untilMidnight,
  ],
  [
    'quotas of a day and a minute',
    429,
    exhausted(quotaMessage, perMinute, perDay),
    'upstream_quota_exhausted',
    untilMidnight,
  ],
  [
    'limit of zero',
    429,
    exhausted(`${quotaMessage} * Quota exceeded for metric: requests, limit: 0, model: x`),
    'upstream_paid_tier_required',
  ],
  [
    'limit that only begins with zero',
    429,
    exhausted('Quota exceeded for metric: requests, limit: 0.5'),
    'upstream_rate_limited',
  ],
  ['free tier', 429, exhausted(quotaMessage, freeTier), 'upstream_paid_tier_required'],
  [
    'spend window',
    429,
    exhausted(
      "You exceeded your spend-based rate limit. Your spending rate has exceeded the allowed limit for your account's billing history and tier.",
    ),
    'upstream_spend_limited',
  ],
  [
    'prepaid credit',
    429,
    exhausted('Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.'),
    'upstream_billing',
  ],
  ['monthly cap', 429, exhausted('Your project has exceeded its monthly spending cap.'), 'upstream_billing'],
  ['capacity', 429, exhausted('Resource has been exhausted (e.g. check quota).'), 'upstream_overloaded'],
  ['capacity, other words', 429, exhausted('Resource exhausted. Please try again later.'), 'upstream_overloaded'],
  [
    'overload',
    503,
    toErrorBody(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
    'upstream_overloaded',
  ],
  [
    'high demand',
    503,
    toErrorBody(503, 'UNAVAILABLE', 'This model is currently experiencing high demand.'),
    'upstream_overloaded',
  ],
  ['internal error', 500, toErrorBody(500, 'INTERNAL', 'Internal error encountered.'), 'upstream_error'],
  [
    'bad gateway of a proxy',
    502,
    '<html><style>b{}</style><h1>502 Bad Gateway</h1></html>',
    'upstream_error',
    { upstreamMessage: '502 Bad Gateway' },
  ],
  [
    'deadline inside',
    504,
    toErrorBody(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'),
    'upstream_timeout',
  ],
  ['request timeout', 408, '', 'upstream_timeout'],
  ['cancelled', 499, toErrorBody(499, 'CANCELLED', 'The operation was cancelled.'), 'upstream_error'],
  [
    'wrong key',
    400,
    invalid('API key not valid. Please pass a valid API key.', toErrorInfo('API_KEY_INVALID')),
    'upstream_key_invalid',
  ],
  ['expired key', 400, invalid('API key expired. Please renew the API key.'), 'upstream_key_invalid'],
  [
    'no key',
    401,
    toErrorBody(401, 'UNAUTHENTICATED', 'Request is missing required authentication credential.'),
    'upstream_key_invalid',
  ],
  [
    'leaked key',
    403,
    toErrorBody(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked.'),
    'upstream_key_invalid',
  ],
  ['location', 400, precondition('User location is not supported for the API use.'), 'upstream_location_unsupported'],
  [
    'billing by country',
    400,
    precondition('Gemini API free tier is not available in your country. Please enable billing on your project.'),
    'upstream_paid_tier_required',
  ],
  [
    'retired model',
    404,
    toErrorBody(404, 'NOT_FOUND', 'This model models/x is no longer available.'),
    'upstream_model_unavailable',
  ],
  [
    'missing signature',
    400,
    invalid('Image part is missing a thought_signature in content position 2, part position 1.'),
    'upstream_signature_missing',
  ],
  [
    'missing signature of text',
    400,
    invalid('Text part is missing a thought_signature in content position 2, part position 1.'),
    'upstream_signature_missing',
  ],
  [
    'unreadable reference',
    400,
    invalid('Unable to process input image. Please retry or report in https://developers.generativeai.google'),
    'upstream_reference_rejected',
  ],
  [
    'unknown argument',
    400,
    invalid('Aspect ratio 1:4 is not supported for this model'),
    'upstream_rejected',
    { upstreamMessage: 'Aspect ratio 1:4 is not supported for this model' },
  ],
  ['too large', 413, '<h1>Content Too Large</h1>', 'upstream_rejected'],
  ['redirection', 302, '', 'upstream_answer_invalid'],
  [
    'error in an array',
    503,
    [toErrorBody(503, 'UNAVAILABLE', 'The model is overloaded.')],
    'upstream_overloaded',
    { upstreamMessage: 'The model is overloaded.' },
  ],
  ['empty body', 503, '', 'upstream_overloaded'],
  ['JSON of another shape', 500, { error: 'broken' }, 'upstream_error'],
  [
    'error with details of another shape',
    429,
    { error: { message: 7, details: [null, { violations: 'x' }, perMinute] } },
    'upstream_rate_limited',
  ],
];

describe('an HTTP error', () => {
  it.each<ErrorRow>(errorRows)(
    '%s (%i) is told apart, costs nothing and leaves no file',
    async (_name, status, body, code, facts = {}) => {
      test.upstream.answerBody(status, typeof body === 'string' ? body : JSON.stringify(body));
      const answer = await test.generate();
      expect(answer).toMatchObject({
        kind: 'failed',
        isPossiblyBilled: false,
        failure: { code, upstreamStatus: status, ...facts },
      });
      expect(answer).toHaveProperty('failure.message', expect.stringMatching(/^The .{10,} \(HTTP \d{3}\)$/));
      expect(await readdir(test.spoolFolder)).toEqual([]);
    },
  );

  it('waits as long as the longest delay that is named', async () => {
    const body = exhausted('Please retry in 7s.', perMinute, toRetryInfo('3s'));
    test.upstream.answerJson(429, body, { 'retry-after': '40' });
    expect(await test.generate()).toMatchObject({ failure: { retryAfterMs: 40_000 } });
  });

  it('never holds the API key, and at most 2,000 characters of the upstream', async () => {
    test.upstream.answerJson(403, toErrorBody(403, 'PERMISSION_DENIED', `Key ${apiKey} is bad. ${'x'.repeat(5_000)}`));
    const answer = await test.generate();
    expect(JSON.stringify(answer)).not.toContain(apiKey);
    expect(answer).toHaveProperty(
      'failure.upstreamMessage',
      expect.stringMatching(/^Key \[API key\] is bad\. x{1900,}$/),
    );
    expect(answer).toHaveProperty('failure.upstreamMessage.length', 2_000);
  });

  it('is recognized by its status when its body is too long, or breaks off', async () => {
    test.upstream.answerBody(503, 'x'.repeat(3_000_000));
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_overloaded' } });
    test.upstream.answer((response) => response.writeHead(503).write('{"error":', () => response.destroy()));
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_overloaded' }, isPossiblyBilled: false });
  });

  it('makes a check fail in the same way', async () => {
    test.upstream.answerJson(400, invalid('API key not valid.', toErrorInfo('API_KEY_INVALID')));
    expect(await test.check()).toMatchObject({
      kind: 'failed',
      failure: { code: 'upstream_key_invalid', upstreamStatus: 400 },
    });
  });
});
