import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Failure, FailureCode } from './failures.ts';
import type { StoredPicture } from './stored-picture.ts';
import { decideVerdict, type JudgedAttempt, toHopefulImages } from './verdict.ts';

const now = 1_000_000;
const picture: StoredPicture = { name: 'a.png', format: 'png', bytes: 1, sha256: '', width: 1, height: 1 };
const conversation = [{ role: 'user', parts: [{ kind: 'text', text: 'a fox' }] }] as const;
const blank = { upstream: 'google', startedAt: now };
const policy = { lostAnswerRetries: 1, places: 1 };
const good = (imageIndex: number): JudgedAttempt => ({
  ...blank,
  imageIndex,
  result: 'succeeded',
  answer: { parts: [{ kind: 'picture', picture }] },
});
const bad = (imageIndex: number, code: FailureCode, more: Partial<Failure> = {}): JudgedAttempt => ({
  ...blank,
  imageIndex,
  result: 'failed',
  failure: { code, message: 'it failed', ...more },
});
const lost = (imageIndex: number): JudgedAttempt => ({ ...blank, imageIndex, result: 'lost' });
const circumstances = { policy, now, chance: () => 0.5 };
const judge = (images: number, attempts: readonly JudgedAttempt[], deadlineAt = now + 3_600_000) => ({
  request: { queuedAt: now, deadlineAt },
  order: { images, conversation },
  attempts,
});
const decide = (...judged: Parameters<typeof judge>) => decideVerdict(judge(...judged), circumstances);

describe('the verdict on an attempt', () => {
  it('at the deadline fails with deadline_exceeded while a call is under way, whatever the failures of earlier tries', () => {
    const open: JudgedAttempt = { ...blank, imageIndex: 0 };
    const failed = Array.from({ length: 20 }, () => bad(0, 'upstream_error'));
    for (const attempts of [[open], [...failed, open]]) {
      const failure = { code: 'deadline_exceeded' };
      expect(decide(1, attempts, now)).toMatchObject({ kind: 'fail', outcome: { failure } });
    }
  });

  it('succeeds when every image is there, in the order of the images and not of the calls', () => {
    const second = {
      ...good(1),
      answer: {
        parts: [
          { kind: 'text', text: 'two' } as const,
          { kind: 'picture', picture: { ...picture, name: 'b.png' } } as const,
        ],
      },
    };
    const verdict = decide(2, [second, good(0)]);
    expect(verdict).toMatchObject({
      kind: 'succeed',
      outcome: { pictures: [{ name: 'a.png' }, { name: 'b.png' }], text: 'two' },
    });
  });

  it("appends the model's answer to the conversation, the first one of several images", () => {
    const words = {
      ...good(0),
      answer: { parts: [{ kind: 'text', text: 'Here.' } as const, ...(good(0).answer?.parts ?? [])] },
    };
    expect(decide(2, [words, good(1)])).toMatchObject({
      outcome: {
        conversation: [
          ...conversation,
          {
            role: 'model',
            parts: [
              { kind: 'text', text: 'Here.' },
              { kind: 'picture', uri: 'media:a.png', mimeType: 'image/png' },
            ],
          },
        ],
      },
    });
  });

  it('tries again for the missing images only while they may still come', () => {
    expect(decide(2, [good(0), bad(1, 'upstream_overloaded')])).toEqual({
      kind: 'retry',
      availableAt: now + 1_000,
      code: 'upstream_overloaded',
    });
  });

  it('keeps a picture that was paid for when the others cannot be made, and says what is missing', () => {
    expect(decide(2, [bad(0, 'image_blocked'), good(1)])).toMatchObject({
      kind: 'succeed',
      outcome: { pictures: [picture], missing: [{ code: 'image_blocked' }] },
    });
  });

  it('never waits less than the upstream asked for', () => {
    const verdict = decide(1, [bad(0, 'upstream_overloaded', { retryAfterMs: 45_000 })]);
    expect(verdict).toMatchObject({ kind: 'retry', availableAt: now + 45_000 });
  });

  it('fails with the deadline, keeping the real cause, once the deadline has come', () => {
    expect(decide(1, [bad(0, 'upstream_overloaded', { upstreamStatus: 503 })], now)).toMatchObject({
      kind: 'fail',
      outcome: {
        failure: { code: 'deadline_exceeded', upstreamStatus: 503, message: expect.stringContaining('it failed') },
      },
    });
  });

  it('never fails for its deadline before the deadline: a wait that goes past it is shortened, and another call decides', () => {
    const asked = bad(0, 'upstream_overloaded', { retryAfterMs: 60_000 });
    const availableAt = (leftMs: number) => {
      const verdict = decide(1, [asked], now + leftMs);
      return verdict.kind === 'retry' ? verdict.availableAt - now : verdict.kind;
    };
    expect([60_001, 60_000, 30_000, 2_000, 1_999, 10].map(availableAt)).toEqual([
      60_000, 30_000, 15_000, 1_000, 1_999, 10,
    ]);
  });

  it('waits no more than five minutes for a time that the upstream has named', () => {
    const asked = bad(0, 'upstream_overloaded', { retryAfterMs: 999_999_000 });
    expect(decide(1, [asked])).toMatchObject({ kind: 'retry', availableAt: now + 300_000 });
  });

  it('returns without blame what was interrupted or never sent', () => {
    expect(decide(1, [{ ...blank, imageIndex: 0, result: 'interrupted' }])).toEqual({ kind: 'interrupt' });
    expect(decide(1, [])).toEqual({ kind: 'interrupt' });
  });

  it('fails with its deadline when it was never tried and the deadline is over', () => {
    expect(decide(1, [], now)).toMatchObject({ kind: 'fail', outcome: { failure: { code: 'deadline_exceeded' } } });
    expect(decide(2, [good(0)], now)).toMatchObject({
      kind: 'succeed',
      outcome: { missing: [{ code: 'deadline_exceeded' }] },
    });
  });

  it('continues at once with images that were not granted a call, or after the wait of one that failed', () => {
    expect(decide(2, [good(0)])).toEqual({ kind: 'interrupt' });
    expect(decide(2, [bad(0, 'upstream_overloaded', { retryAfterMs: 9_000 })])).toMatchObject({
      kind: 'retry',
      availableAt: now + 9_000,
    });
  });

  it('calls again only for images that a call may bring: no refusal is paid for twice', () => {
    const attempts = [good(0), bad(1, 'image_blocked'), bad(2, 'upstream_overloaded')];
    expect(toHopefulImages(judge(4, attempts), circumstances)).toEqual([2, 3]);
  });

  it('forgives failures from before a requeue, and keeps pictures from before it', () => {
    const before = { startedAt: now - 1 };
    expect(decide(1, [{ ...bad(0, 'prompt_blocked'), ...before }])).toEqual({ kind: 'interrupt' });
    expect(decide(1, [{ ...good(0), ...before }])).toMatchObject({ kind: 'succeed' });
  });

  it('repeats a lost answer once, then fails with its code', () => {
    expect(decide(1, [lost(0)])).toMatchObject({ kind: 'retry', code: 'upstream_answer_lost' });
    expect(decide(1, [lost(0), lost(0)])).toMatchObject({
      kind: 'fail',
      outcome: { failure: { code: 'upstream_answer_lost' } },
    });
  });

  it('repeats a lost answer as often as the operator has chosen', () => {
    fc.assert(
      fc.property(fc.nat({ max: 4 }), fc.integer({ min: 1, max: 6 }), (lostAnswerRetries, times) => {
        const judged = judge(
          1,
          Array.from({ length: times }, () => lost(0)),
        );
        const { kind } = decideVerdict(judged, { ...circumstances, policy: { ...policy, lostAnswerRetries } });
        expect(kind).toBe(times > Math.min(lostAnswerRetries, 4) ? 'fail' : 'retry');
      }),
    );
  });
});
