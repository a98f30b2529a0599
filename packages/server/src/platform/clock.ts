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
  // `node:timers/promises` would make an error with its stack for each sleep that is cut short, and a crowd wakes at once.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal?.addEventListener('abort', wake);
    }),
};
