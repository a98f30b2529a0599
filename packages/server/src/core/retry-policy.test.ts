import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Failure, type FailureCode, failureKinds, toFailureKind } from './failures.ts';
import { type FailedTry, maxTries, toRetryDelay } from './retry-policy.ts';

const codes = Object.keys(failureKinds) as FailureCode[]; // the table's own keys
const policy = { lostAnswerRetries: 1, places: 1 };
const fail = (code: FailureCode, more: Partial<Failure> = {}, place = 'first'): FailedTry => ({
  failure: { code, message: 'it failed', ...more },
  place,
});
const repeat = (times: number, one: FailedTry) => Array.from({ length: times }, () => one);

/** How often a code may be tried again with one upstream; every code has its line. */
const retries: Record<FailureCode, number> = {
  upstream_overloaded: Number.POSITIVE_INFINITY,
  upstream_rate_limited: Number.POSITIVE_INFINITY,
  upstream_quota_exhausted: Number.POSITIVE_INFINITY,
  upstream_spend_limited: Number.POSITIVE_INFINITY,
  upstream_billing: Number.POSITIVE_INFINITY,
  upstream_unreachable: Number.POSITIVE_INFINITY,
  reference_busy: Number.POSITIVE_INFINITY,
  reference_not_uploaded: 20,
  media_deleted: 0,
  media_lost: 0,
  upstream_picture_unsupported: 0,
  upstream_error: maxTries - 1,
  upstream_timeout: maxTries - 1,
  upstream_connection_lost: maxTries - 1,
  no_image: 2,
  media_unwritable: 2,
  upstream_signature_missing: 1,
  upstream_reference_rejected: 1,
  upstream_answer_invalid: 1,
  upstream_answer_lost: 1,
  token_limit: 1,
  internal_error: 1,
  upstream_paid_tier_required: 0,
  upstream_key_invalid: 0,
  upstream_location_unsupported: 0,
  upstream_model_unavailable: 0,
  upstream_rejected: 0,
  moderation_blocked: 0,
  moderation_unavailable: Number.POSITIVE_INFINITY,
  picture_unmoderated: 1,
  prompt_blocked: 0,
  image_blocked: 0,
  recitation_blocked: 0,
  text_only: 0,
  reference_unavailable: 0,
  deadline_exceeded: 0,
};

describe('toRetryDelay', () => {
  it.each(codes)('tries %s again as often as its table says', (code) => {
    for (let failed = 1; failed <= 40; failed += 1) {
      const delay = toRetryDelay(repeat(failed, fail(code)), policy, () => 0.5);
      expect(delay === undefined, `${failed} failures`).toBe(failed > retries[code]);
    }
  });

  it('never tries an image more than five times when calls may have cost something, whatever they ended with', () => {
    const paid = fc.constantFrom(...codes.filter((code) => toFailureKind(code).countsAsTry));
    fc.assert(
      fc.property(fc.array(paid, { minLength: maxTries, maxLength: 9 }), (all) => {
        const failed = all.map((code) => fail(code));
        expect(toRetryDelay(failed, { ...policy, lostAnswerRetries: 99 }, () => 0)).toBeUndefined();
      }),
    );
  });

  it('waits a random part of a ceiling that doubles: to a minute, or to ten seconds after free refusals', () => {
    const ceilings = (code: FailureCode) =>
      [1, 2, 3, 4, 5, 9].map((failed) => toRetryDelay(repeat(failed, fail(code)), policy, () => 1));
    expect(ceilings('upstream_overloaded')).toEqual([2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    const costly = [...repeat(9, fail('upstream_overloaded')), fail('upstream_error')];
    expect(toRetryDelay(costly, policy, () => 1)).toBe(60_000);
    expect(toRetryDelay(costly, policy, () => 0.25)).toBe(15_000);
    expect(toRetryDelay(costly, policy, () => 0)).toBe(0);
  });

  it('never waits less than a strained upstream has asked for', () => {
    const asked = [fail('upstream_overloaded', { retryAfterMs: 34_500 })];
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (chance) => {
        expect(toRetryDelay(asked, policy, () => chance)).toBe(34_500);
      }),
    );
  });

  it('leaves the wait to the pool when the failure pauses its upstream: another one need not wait', () => {
    const asked = [fail('upstream_rate_limited', { retryAfterMs: 34_500 })];
    expect(toRetryDelay(asked, policy, () => 1)).toBe(2_000);
  });

  it('asks every upstream once when one refuses because of its set-up, however often it refuses', () => {
    const two = { ...policy, places: 2 };
    const refused = repeat(7, fail('upstream_key_invalid'));
    expect(toRetryDelay(refused, two, () => 0)).toBe(0);
    expect(toRetryDelay([...refused, fail('upstream_model_unavailable', {}, 'second')], two, () => 0)).toBeUndefined();
  });
});
