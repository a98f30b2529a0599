import type { RequestStatus } from '@darkroom/protocol';
import type { FailureCode } from '../../core/failures.ts';
import type { Outcome, Verdict } from '../../core/image-request.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import { type RequestRow, toJson } from '../rows/request-rows.ts';
import { poisonedOutcome } from './poisoned-outcome.ts';

/*
 * Decisions: every rule that both databases need, as pure functions. A store reads rows, calls a decision with them, and writes
 * the answer. Where a database has to decide by itself, because the write is a single statement, a comment there says so.
 */

/** A change of a request's status. After any change no attempt holds the request: its lease ends. */
export interface Transition {
  readonly status: RequestStatus;
  readonly at: number;
  /** May the next claim take it? */
  readonly isReady: boolean;
  /** `undefined`: stays as it was. */
  readonly availableAt?: number;
  readonly retryCode?: FailureCode;
  readonly outcome?: Outcome;
}

/** What a verdict changes about a request that is processing. */
export function toSettled(verdict: Verdict, now: number): Transition {
  const status = lifecycle.processing[verdict.kind];
  switch (verdict.kind) {
    case 'succeed':
    case 'fail':
      return { status, at: now, isReady: false, outcome: verdict.outcome };
    case 'retry': {
      const { availableAt, code } = verdict;
      return { status, at: now, isReady: availableAt <= now, availableAt, retryCode: code };
    }
    case 'interrupt':
      return { status, at: now, isReady: true, availableAt: now };
  }
}

/** What a deadline changes about a request that is queued or processing. Throws when the verdict does not end it. */
export function toExpired(status: RequestStatus, verdict: Verdict, now: number): Transition {
  if (!('outcome' in verdict)) throw new Error(`A request whose deadline is over cannot end with ${verdict.kind}.`);
  const next = lifecycle[status][verdict.kind === 'succeed' ? 'salvage' : 'expire'];
  if (next === 'refused') throw new Error(`A deadline cannot end a request that is ${status}.`);
  return { status: next, at: now, isReady: false, outcome: verdict.outcome };
}

/** `undefined`: the request has ended, and a cancel changes nothing. */
export function toCancelled(status: RequestStatus, now: number): Transition | undefined {
  const next = lifecycle[status].cancel;
  return next === status ? undefined : { status: next, at: now, isReady: false };
}

/** How a request ends that its database refuses to read or to write. `undefined`: it has already ended. */
export function toPoisoned(status: RequestStatus, now: number): Transition | undefined {
  const next = lifecycle[status].expire;
  return next === 'refused' ? undefined : { status: next, at: now, isReady: false, outcome: poisonedOutcome };
}

/** The row as the transition leaves it. */
export function applyTransition(
  row: RequestRow,
  { status, at, availableAt, retryCode, outcome }: Transition,
): RequestRow {
  return {
    ...row,
    status,
    available_at: availableAt ?? row.available_at,
    retry_code: retryCode ?? null,
    outcome: toJson(outcome),
    lease_token: null,
    updated_at: at,
  };
}

/** Due at once, without its outcome, and with as much time to its deadline as it had when it was queued before. */
export interface RequeuedRow {
  readonly status: 'queued';
  readonly queuedAt: number;
  readonly deadlineAt: number;
}

/** `undefined`: the request is not to be queued again, since it has not ended or has succeeded. */
export function toRequeued(
  row: Pick<RequestRow, 'status' | 'queued_at' | 'deadline_at'>,
  now: number,
): RequeuedRow | undefined {
  const status = lifecycle[row.status].requeue;
  if (status === 'refused') return undefined;
  return { status, queuedAt: now, deadlineAt: now + row.deadline_at - row.queued_at };
}

/** The row as a requeue leaves it. */
export function applyRequeued(row: RequestRow, { status, queuedAt, deadlineAt }: RequeuedRow): RequestRow {
  return {
    ...row,
    status,
    available_at: queuedAt,
    queued_at: queuedAt,
    deadline_at: deadlineAt,
    outcome: null,
    updated_at: queuedAt,
  };
}
