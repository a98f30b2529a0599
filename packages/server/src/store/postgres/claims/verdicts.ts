import type { Verdict } from '../../../core/image-request.ts';
import { lifecycle } from '../../../core/lifecycle.ts';
import type { NextStatus } from '../requests/change-requests.ts';

/** What a verdict makes of a request that is processing. */
export function toNextStatus(verdict: Verdict, now: number): NextStatus {
  const status = lifecycle.processing[verdict.kind];
  switch (verdict.kind) {
    case 'succeed':
    case 'fail':
      return { status, at: now, outcome: verdict.outcome };
    case 'retry':
      return { status, at: now, availableAt: verdict.availableAt, retryCode: verdict.code };
    case 'interrupt':
      return { status, at: now, availableAt: now };
  }
}
