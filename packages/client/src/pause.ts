/** Resolves after `ms` milliseconds; rejects with the reason of `signal` when that aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** Full jitter: a random time up to a step that doubles with each attempt, so that many clients spread out. */
export function toJitter(times: number, { firstMs, longestMs }: BackOff): number {
  return Math.random() * Math.min(longestMs, firstMs * 2 ** times);
}

export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}
