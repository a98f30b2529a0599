import { setTimeout as delay } from 'node:timers/promises';

/** Time, as everything in the server sees it. Milliseconds since 1970. */
export interface Clock {
  now(): number;
  /** Resolves after `ms` milliseconds; resolves early, without an error, when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    if (signal?.aborted) return;
    await delay(ms, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  },
};
