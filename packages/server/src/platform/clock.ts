import { setTimeout as delay } from 'node:timers/promises';

/** The time that everything in the server uses, in milliseconds since 1970. */
export interface Clock {
  now(): number;
  /** Resolves after `ms` milliseconds; resolves early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the machine. Its `now` jumps when the clock is set. The server uses a `ServiceClock` based on it. */
export interface MachineClock extends Clock {
  /** Milliseconds since some moment. Always moves forward as time passes, even when `now` jumps. */
  monotonic(): number;
}

export const systemClock: MachineClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    if (signal?.aborted) return;
    await delay(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  },
};
