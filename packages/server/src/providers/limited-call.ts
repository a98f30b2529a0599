import type { Clock } from '../platform/clock.ts';
import { toTimeoutFailure, toTransportFailure } from './call-failures.ts';
import { CallLimit } from './call-limit.ts';
import type { ImageAnswer, UpstreamCheck } from './image-model.ts';
import { TransportError } from './transport.ts';

export interface LimitedCallOptions {
  /** Ends the call when the server stops. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Makes one call within its time. What ends it early, or breaks its connection, becomes its answer. */
export async function limitCall(
  options: LimitedCallOptions,
  call: (signal: AbortSignal) => Promise<ImageAnswer>,
): Promise<ImageAnswer> {
  if (options.signal.aborted) return { kind: 'interrupted', isPossiblyBilled: false };
  const limit = new CallLimit(options);
  try {
    return await call(limit.signal);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    if (limit.cause === 'interrupted') return { kind: 'interrupted', isPossiblyBilled: error.isSent };
    const failure = limit.cause === 'timeout' ? toTimeoutFailure(options.timeoutMs) : toTransportFailure(error);
    return { kind: 'failed', failure, isPossiblyBilled: error.isSent };
  } finally {
    limit.release();
  }
}

/** Makes one check within its time, as `limitCall` makes a call. */
export async function limitCheck(
  options: LimitedCallOptions,
  check: (signal: AbortSignal) => Promise<UpstreamCheck>,
): Promise<UpstreamCheck> {
  const limit = new CallLimit(options);
  try {
    return await check(limit.signal);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const isLate = limit.cause === 'timeout';
    return { kind: 'failed', failure: isLate ? toTimeoutFailure(options.timeoutMs) : toTransportFailure(error) };
  } finally {
    limit.release();
  }
}
