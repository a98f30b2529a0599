import { describe, expect, it } from 'vitest';
import type { ModeratedPicture, Ruling } from '../moderation/moderation.ts';
import { checkPictures } from './picture-check.ts';

const picture = (imageIndex: number): ModeratedPicture => ({
  request: { id: 'r', organizationId: 'o', apiKeyId: 'k', model: 'm', wire: 'queue', attempt: 1 },
  order: { conversation: [], parameters: {} },
  imageIndex,
  file: { path: '/nowhere', bytes: 1 },
  mimeType: 'image/png',
});

/** The rulings in order; the last one is repeated. */
async function check(pictures: number, rulings: readonly Ruling[], signal = new AbortController().signal) {
  let passedMs = 0;
  const clock = {
    now: () => passedMs,
    sleep: async (ms: number) => {
      passedMs += ms;
    },
  };
  let asked = 0;
  const ask = async () => rulings[Math.min(asked++, rulings.length - 1)] ?? { kind: 'allowed' as const };
  const result = await checkPictures(
    Array.from({ length: pictures }, (_, index) => picture(index)),
    { ask, clock, signal },
  );
  return { result, asked, passedMs };
}

const unanswered: Ruling = { kind: 'unanswered' };

describe('the check of the pictures of an answer', () => {
  it('asks about each, and keeps what was flagged', async () => {
    const { result, asked } = await check(2, [{ kind: 'flagged', reason: 'Red.' }, { kind: 'allowed' }]);
    expect(result).toEqual({ kind: 'passed', flags: [{ about: 'picture', reason: 'Red.' }] });
    expect(asked).toBe(2);
  });

  it('ends at the first one that is blocked', async () => {
    const { result, asked } = await check(3, [{ kind: 'allowed' }, { kind: 'blocked', reason: 'No.' }]);
    expect(result).toEqual({ kind: 'refused', failure: { code: 'moderation_blocked', message: 'No.' } });
    expect(asked).toBe(2);
  });

  it('waits for the moderation, since the picture is paid for', async () => {
    const { result, passedMs } = await check(1, [unanswered, unanswered, { kind: 'allowed' }]);
    expect(result).toEqual({ kind: 'passed', flags: [] });
    expect(passedMs).toBe(10_000);
  });

  it('gives up after five minutes, and at once at shutdown', async () => {
    const failed = { kind: 'refused', failure: { code: 'picture_unmoderated' } };
    expect(await check(1, [unanswered])).toMatchObject({ result: failed, passedMs: 300_000 });
    expect(await check(1, [unanswered], AbortSignal.abort())).toMatchObject({ result: failed, asked: 1, passedMs: 0 });
  });
});
