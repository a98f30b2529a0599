import { describe, expect, it } from 'vitest';
import { healthy } from '../../core/upstreams.ts';
import { picture, toCallEnd } from '../contract/fixtures.ts';
import {
  isEndedBy,
  type LineRow,
  maySend,
  toAnswered,
  toCallNews,
  toLeftoverAnswered,
  toLeftoverResult,
  toPictures,
} from './calls.ts';
import { toChangedStates } from './upstream-states.ts';

const sent: LineRow = { upstream: 'upstream-1', model: 'model-1', started_at: 1, sent_at: 2, result: null };
const unsent: LineRow = { ...sent, sent_at: null };
const lease = { requestId: 'request-1', attempt: 3, token: 'token' };
const failure = { code: 'upstream_overloaded', message: 'Try again later.' } as const;
const failed = toCallEnd({ result: 'failed', costMicros: 5, failure });

describe('calls', () => {
  it('may be sent while the lease is held and no image was brought before', () => {
    const known = { isHeld: true, isBrought: (index: number) => index === 1 };
    expect(maySend([0, 2], known)).toBe(true);
    expect(maySend([0, 1], known)).toBe(false);
    expect(maySend([0], { ...known, isHeld: false })).toBe(false);
  });

  it('end once, and once more when they were lost', () => {
    expect(isEndedBy(sent, toCallEnd())).toBe(true);
    expect(isEndedBy({ ...sent, result: 'lost' }, toCallEnd())).toBe(true);
    for (const result of ['succeeded', 'failed', 'interrupted'] as const)
      expect(isEndedBy({ ...sent, result }, toCallEnd())).toBe(false);
  });

  it('that were never sent can only have failed', () => {
    expect(isEndedBy(unsent, failed)).toBe(true);
    expect(isEndedBy(unsent, toCallEnd())).toBe(false);
  });

  it('bring the pictures of their answers', () => {
    const parts = [{ kind: 'text', text: 'Here.' } as const, { kind: 'picture', picture } as const];
    expect(toPictures(toCallEnd({ answer: { parts } }))).toEqual([picture]);
    expect(toPictures(toCallEnd())).toEqual([]);
  });

  it('are recorded with their code and their cost', () => {
    const told = { kind: 'answered', attempt: 3, image: 0, result: 'failed', code: failure.code, costMicros: 5 };
    expect(toAnswered(lease, failed)).toEqual(told);
    expect(toAnswered(lease, toCallEnd())).not.toHaveProperty('code');
  });
});

describe('the end of a call', () => {
  const after = (line: LineRow, end: typeof failed) => {
    const news = toCallNews(line, end, () => 4);
    return news && toChangedStates([news], () => healthy).map(({ key }) => key);
  };

  it('that failed says something about its model, and asks how many were under way', () => {
    expect(after(sent, failed)).toEqual([{ upstream: 'upstream-1', model: 'model-1' }]);
    const ask = () => {
      throw new Error('Nobody asks after a success.');
    };
    expect(toCallNews(sent, toCallEnd(), ask)).toBeDefined();
  });

  it('that was given back says nothing', () => {
    expect(after(sent, toCallEnd({ result: 'interrupted' }))).toBeUndefined();
  });

  it('that was never sent gives back what the grant has counted', () => {
    const probing = {
      pause: { kind: 'probe', code: failure.code, message: '', since: 0, until: 60_001, nextProbeMs: 1 },
    } as const;
    const news = toCallNews(unsent, failed, () => 0);
    const [changed] = toChangedStates(news ? [news] : [], () => probing);
    expect(changed?.state.pause?.until).toBe(60_001);
    const early = toCallNews(unsent, { ...failed, endedAt: 7 }, () => 0);
    expect(toChangedStates(early ? [early] : [], () => probing)[0]?.state.pause?.until).toBe(7);
  });
});

describe('leftovers', () => {
  it('are lost, unless the attempt was interrupted', () => {
    expect(toLeftoverResult({ kind: 'interrupt' })).toBe('interrupted');
    expect(toLeftoverResult({ kind: 'retry', availableAt: 0, code: failure.code })).toBe('lost');
    const row = { image_index: 2, cost_micros: 0 };
    const told = { kind: 'answered', attempt: 3, image: 2, result: 'lost', costMicros: 0 };
    expect(toLeftoverAnswered(lease, row, 'lost')).toEqual(told);
  });
});
