import { describe, expect, it } from 'vitest';
import { rejoinMs } from '../open-call-store.ts';
import { type OpenCallRow, toJoining } from './open-calls.ts';

const now = 10 * rejoinMs;
const waiting: OpenCallRow = { request_id: 'waiting', left_at: null, clients: 2, status: 'processing' };
const left: OpenCallRow = { request_id: 'left', left_at: now - 1, clients: 0, status: 'success' };
const longLeft: OpenCallRow = { ...left, request_id: 'long left', left_at: now - rejoinMs };
const failed: OpenCallRow = { ...waiting, request_id: 'failed', status: 'failed' };

describe('a call among the rows of the same call', () => {
  it('joins one that was left, before any other', () => {
    for (const isRetry of [true, false])
      expect(toJoining([waiting, left], { isRetry, now })).toEqual({ joined: left, clients: 1, over: [] });
  });

  it('joins one that others wait for only as a retry', () => {
    expect(toJoining([waiting], { isRetry: false, now }).joined).toBeUndefined();
    expect(toJoining([waiting], { isRetry: true, now })).toMatchObject({ joined: waiting, clients: 3 });
  });

  it('joins none that has failed or was left too long ago: such rows are over', () => {
    expect(toJoining([failed, longLeft], { isRetry: true, now })).toEqual({
      joined: undefined,
      clients: 1,
      over: [failed, longLeft],
    });
  });
});
