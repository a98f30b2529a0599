import { setTimeout as delay } from 'node:timers/promises';

/** Time, as everything in the server sees it. Milliseconds since 1970. */
export interface Clock {
  now(): number;
  /** Resolves after `ms` milliseconds; resolves early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the machine, whose `now` jumps when somebody sets it. The server works by a `ServiceClock` made of it. */
export interface MachineClock extends Clock {
  /** Milliseconds since some moment; only ever moves on, as fast as time passes, whatever becomes of `now`. */
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
