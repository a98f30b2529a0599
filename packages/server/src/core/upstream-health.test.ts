import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailureCode, failureKinds, toFailureKind } from './failures.ts';
import { afterCall, type CallNews } from './upstream-health.ts';
import { every, healthy, type UpstreamState } from './upstreams.ts';

const now = 1_761_763_441_000;
const codes = Object.keys(failureKinds) as FailureCode[]; // the table's own keys
const ofModel = { upstream: 'google', model: 'pro' };
const ofUpstream = { upstream: 'google', model: every };

/** The end of a call that was sent a second before. */
const end = (
  code: FailureCode | undefined,
  at = now,
  more: { retryAfterMs?: number; underWay?: number } = {},
): CallNews => ({
  sentAt: at - 1_000,
  endedAt: at,
  failure: code && { code, message: `It was ${code}.`, ...(more.retryAfterMs && { retryAfterMs: more.retryAfterMs }) },
  underWay: more.underWay ?? 16,
});
const good = (at = now) => end(undefined, at);
const after = (news: readonly CallNews[], state: UpstreamState = healthy, key = ofModel) =>
  news.reduce((last, one) => afterCall(key, last, one), state);
const overloads = (times: number) => Array.from({ length: times }, () => end('upstream_overloaded'));
const open = after(overloads(5));

/** What one call with this failure, and without a named time, changes about a healthy upstream. */
const effects: Record<FailureCode, string> = {
  upstream_overloaded: 'strain',
  upstream_error: 'strain',
  upstream_timeout: 'strain',
  upstream_unreachable: 'strain',
  upstream_connection_lost: 'strain',
  upstream_rate_limited: 'wait 30 s, model',
  upstream_quota_exhausted: 'wait 0 s, model',
  upstream_spend_limited: 'probe 60 s, upstream',
  upstream_billing: 'probe 300 s, upstream',
  upstream_paid_tier_required: 'avoid 60 s, model',
  upstream_model_unavailable: 'avoid 60 s, model',
  upstream_key_invalid: 'avoid 60 s, upstream',
  upstream_location_unsupported: 'avoid 60 s, upstream',
  upstream_rejected: 'nothing',
  upstream_signature_missing: 'nothing',
  upstream_reference_rejected: 'nothing',
  upstream_answer_invalid: 'nothing',
  upstream_answer_lost: 'nothing',
  moderation_blocked: 'nothing',
  moderation_unavailable: 'nothing',
  picture_unmoderated: 'nothing',
  prompt_blocked: 'nothing',
  image_blocked: 'nothing',
  recitation_blocked: 'nothing',
  no_image: 'nothing',
  text_only: 'nothing',
  token_limit: 'nothing',
  reference_unavailable: 'nothing',
  reference_busy: 'nothing',
  reference_not_uploaded: 'nothing',
  media_deleted: 'nothing',
  media_lost: 'nothing',
  upstream_picture_unsupported: 'nothing',
  media_unwritable: 'nothing',
  deadline_exceeded: 'nothing',
  internal_error: 'nothing',
};

function describeEffect(code: FailureCode): string {
  const states = { model: after([end(code)]), upstream: after([end(code)], healthy, ofUpstream) };
  const told = Object.entries(states).flatMap(([scope, { pause, strain }]) => {
    if (pause) return [`${pause.kind} ${(pause.until - now) / 1_000} s, ${scope}`];
    return strain ? ['strain'] : [];
  });
  return told.join(' and ') || 'nothing';
}

describe('afterCall', () => {
  it.each(codes)('reads %s as what it says about the upstream', (code) => {
    expect(describeEffect(code)).toBe(effects[code]);
  });

  it('notices every failure that costs no try: such calls are made again and again', () => {
    // Calls that lack a reference, or that nobody has allowed, are never sent.
    const sent = codes.filter((code) => !/^(reference|moderation)_/.test(code));
    for (const code of sent) if (!toFailureKind(code).countsAsTry) expect(effects[code]).not.toBe('nothing');
  });

  it('keeps a healthy upstream as it is, without a write', () => {
    expect(after([good(), good(), end('prompt_blocked')])).toBe(healthy);
  });

  it('opens the breaker after five overloads in a row, and not after four', () => {
    expect(after(overloads(4)).pause).toBeUndefined();
    expect(open.pause).toMatchObject({ kind: 'probe', code: 'upstream_overloaded', until: now + 1_000 });
  });

  it('does not open the breaker for one overload in three', () => {
    const calls = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? end('upstream_overloaded') : good()));
    for (let length = 1; length <= calls.length; length += 1) {
      expect(after(calls.slice(0, length)).pause).toBeUndefined();
    }
  });

  it('waits longer for every probe that fails, to ten seconds; the first that succeeds closes the breaker', () => {
    let state = open;
    const waits = [1, 2, 3, 4, 5].map(() => {
      const at = state.pause?.until ?? 0;
      state = afterCall(ofModel, state, { ...end('upstream_overloaded', at), sentAt: at });
      return (state.pause?.until ?? 0) - at;
    });
    expect(waits).toEqual([2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(afterCall(ofModel, state, { ...good(now + 99_000), sentAt: now + 98_000 }).pause).toBeUndefined();
  });

  it('ignores calls that were sent before the breaker opened', () => {
    const stale = fc.constantFrom(undefined, ...codes).map((code) => ({ ...end(code, now + 5_000), sentAt: now - 1 }));
    fc.assert(
      fc.property(fc.array(stale), (news) => {
        expect(after(news, open)).toBe(open);
      }),
    );
  });

  it('keeps a time that the upstream has named, despite calls that were still on their way to it', () => {
    const waiting = after([end('upstream_rate_limited', now, { retryAfterMs: 40_000 })]);
    const late = fc
      .constantFrom(undefined, ...codes.filter((code) => effects[code] !== 'wait 30 s, model'))
      .map((code) => ({ ...end(code, now + 9_000), sentAt: now + 10 }));
    fc.assert(
      fc.property(fc.array(late), (news) => {
        expect(after(news, waiting).pause?.until).toBe(now + 40_000);
      }),
    );
    const longer = { ...end('upstream_quota_exhausted', now + 9_000, { retryAfterMs: 3_600_000 }), sentAt: now + 10 };
    expect(afterCall(ofModel, waiting, longer).pause?.until).toBe(now + 3_609_000);
  });

  it('rests no longer than five minutes for any time that the upstream has named, except for a daily quota', () => {
    const named = { retryAfterMs: 999_999_000 };
    for (const code of codes) {
      for (const [key, sent] of [ofModel, ofUpstream].flatMap(
        (one) =>
          [
            [one, [1]],
            [one, [1, 2, 3, 4, 5, 6]],
          ] as const,
      )) {
        const { pause } = after(
          sent.map(() => end(code, now, named)),
          healthy,
          key,
        );
        const most = code === 'upstream_quota_exhausted' ? 25 * 3_600_000 : 300_000;
        expect((pause?.until ?? now) - now, code).toBeLessThanOrEqual(most);
      }
    }
  });

  it('forgets a time that is over with the next answer, and takes a new one only from later calls', () => {
    const waiting = after([end('upstream_rate_limited')]);
    const answered = { ...good(now + 31_000), sentAt: now + 30_000 };
    expect(afterCall(ofModel, waiting, answered).pause).toBeUndefined();
    const again = afterCall(ofModel, waiting, { ...end('upstream_rate_limited', now + 31_000), sentAt: now + 30_000 });
    expect(again.pause).toMatchObject({ since: now + 31_000, until: now + 61_000 });
  });

  it('does not change a breaker because of a defect of ours', () => {
    expect(afterCall(ofModel, open, { ...end('internal_error', now + 5_000), sentAt: now + 2_000 })).toBe(open);
  });

  it('counts a refusal as an answer: the upstream is reachable', () => {
    const refused = { ...end('prompt_blocked', now + 5_000), sentAt: now + 2_000 };
    expect(afterCall(ofModel, open, refused).pause).toBeUndefined();
  });

  it('allows fewer calls after overloads, once for those that come together, and never less than one', () => {
    const once = after([end('upstream_overloaded'), end('upstream_overloaded', now + 1_999)]);
    expect(once.concurrency).toBeCloseTo(11.2);
    expect(after([end('upstream_overloaded', now + 2_000)], once).concurrency).toBeCloseTo(7.84);
    let state: UpstreamState = healthy;
    for (let at = now; at < now + 200_000; at += 5_000) {
      state = after([good(at), end('upstream_overloaded', at, { underWay: 2 })], state);
    }
    expect(state.concurrency).toBeGreaterThanOrEqual(1);
    expect(state.concurrency).toBeLessThan(3);
  });

  it('allows one call more after every answer, and forgets its limit when it has recovered', () => {
    const shrunk = after([end('upstream_overloaded', now, { underWay: 10 })]);
    const answers = (times: number) =>
      after(
        Array.from({ length: times }, () => good()),
        shrunk,
      );
    expect(answers(9).concurrency).toBe(16);
    expect(answers(1_100)).toEqual(healthy);
  });

  it('never allows more calls than were under way when it was strained, plus one for each answer since', () => {
    const news = fc.record({ isGood: fc.boolean(), underWay: fc.integer({ min: 1, max: 64 }), ms: fc.nat(5_000) });
    fc.assert(
      fc.property(fc.array(news, { maxLength: 50 }), (all) => {
        let state: UpstreamState = healthy;
        let at = now;
        for (const { isGood, underWay, ms } of all) {
          at += ms;
          const before = state.concurrency ?? Number.POSITIVE_INFINITY;
          state = after([isGood ? good(at) : end('upstream_overloaded', at, { underWay })], state);
          const borne = state.concurrency ?? Number.POSITIVE_INFINITY;
          expect(borne).toBeLessThanOrEqual(isGood ? before + 1 : before);
          expect(borne).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });
});
