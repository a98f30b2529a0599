import { type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { failureOutcome, start, successOutcome, toQueuedRow } from '../contract/fixtures.ts';
import { poisonedOutcome } from './poisoned-outcome.ts';
import {
  applyRequeued,
  applyTransition,
  toCancelled,
  toExpired,
  toPoisoned,
  toRequeued,
  toSettled,
} from './transitions.ts';

const now = start + 5_000;
const fail = { kind: 'fail', outcome: failureOutcome } as const;
const succeed = { kind: 'succeed', outcome: successOutcome } as const;
const retry = (availableAt: number) => ({ kind: 'retry', availableAt, code: 'upstream_overloaded' }) as const;

const row = toQueuedRow({ status: 'processing', attempt: 2, lease_token: 'token', cost_micros: 3 });

describe('a verdict', () => {
  it.each([
    [succeed, { status: 'success', at: now, isReady: false, outcome: successOutcome }],
    [fail, { status: 'failed', at: now, isReady: false, outcome: failureOutcome }],
    [
      retry(now + 1),
      { status: 'queued', at: now, isReady: false, availableAt: now + 1, retryCode: 'upstream_overloaded' },
    ],
    [retry(now), { status: 'queued', at: now, isReady: true, availableAt: now, retryCode: 'upstream_overloaded' }],
    [{ kind: 'interrupt' } as const, { status: 'queued', at: now, isReady: true, availableAt: now }],
  ])('%j determines its row', (verdict, transition) => {
    expect(toSettled(verdict, now)).toEqual(transition);
  });
});

describe('a deadline', () => {
  it.each(['queued', 'processing'] as const)(
    'ends a request that is %s, and keeps the pictures that came',
    (status) => {
      expect(toExpired(status, fail, now)).toEqual({
        status: 'failed',
        at: now,
        isReady: false,
        outcome: failureOutcome,
      });
      expect(toExpired(status, succeed, now).status).toBe('success');
    },
  );

  it('is an error when the verdict ends nothing, or the request has ended', () => {
    expect(() => toExpired('queued', { kind: 'interrupt' }, now)).toThrow('cannot end with interrupt');
    expect(() => toExpired('success', fail, now)).toThrow('that is success');
  });
});

describe('a cancel, a poisoned row and a requeue', () => {
  it('change exactly the statuses of the lifecycle', () => {
    const changed = (change: (status: RequestStatus) => unknown) => requestStatuses.filter(change);
    expect(changed((status) => toCancelled(status, now))).toEqual(['queued', 'processing']);
    expect(changed((status) => toPoisoned(status, now))).toEqual(['queued', 'processing']);
    expect(changed((status) => toRequeued({ ...row, status }, now))).toEqual(['failed', 'cancelled']);
  });

  it('cancels without an outcome, and fails a poisoned row with one', () => {
    expect(toCancelled('queued', now)).toEqual({ status: 'cancelled', at: now, isReady: false });
    expect(toPoisoned('processing', now)).toMatchObject({ status: 'failed', outcome: poisonedOutcome });
  });

  it('queues again with as much time to the deadline as before', () => {
    const failed = { ...row, status: 'failed', lease_token: null, outcome: '{}' } as const;
    const requeued = toRequeued(failed, now);
    expect(requeued).toEqual({ status: 'queued', queuedAt: now, deadlineAt: now + 3_000 });
    expect(requeued && applyRequeued(failed, requeued)).toEqual({
      ...failed,
      status: 'queued',
      available_at: now,
      queued_at: now,
      deadline_at: now + 3_000,
      outcome: null,
      updated_at: now,
    });
  });
});

describe('the row after a transition', () => {
  it('is held by no attempt, and keeps what the transition does not name', () => {
    expect(applyTransition(row, toSettled(retry(now + 9), now))).toEqual({
      ...row,
      status: 'queued',
      available_at: now + 9,
      retry_code: 'upstream_overloaded',
      lease_token: null,
      updated_at: now,
    });
    expect(applyTransition(row, toSettled(fail, now))).toMatchObject({
      available_at: row.available_at,
      outcome: JSON.stringify(failureOutcome),
      cost_micros: row.cost_micros,
    });
  });
});
