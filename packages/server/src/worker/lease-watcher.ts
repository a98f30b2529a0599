import type { Clock } from '../platform/clock.ts';
import type { LeaseWatch, SeenLease } from '../store/request-store.ts';

export interface LeaseWatcherOptions {
  readonly leaseMs: number;
  /** Is the holder of this token in this process? */
  readonly isOwn: (token: string) => boolean;
  readonly clock: Clock;
}

interface Sight {
  readonly expiresAt: number;
  readonly since: number;
  seenAt: number;
}

/**
 * Tells workers that are gone from workers whose clock is another. Who is alive renews its lease three times while it lasts;
 * a lease is lost when its time is over and, for half of its length, this process has looked on and nothing has renewed it.
 * So a clock that is wrong, here or there, takes no request from a worker that works. Those of this process are never lost.
 */
export class LeaseWatcher implements LeaseWatch {
  /** Not renewed once when it should have been: in time to be watched before it runs out. */
  readonly aheadMs: number;
  readonly #options: LeaseWatcherOptions;
  readonly #sights = new Map<string, Sight>();

  constructor(options: LeaseWatcherOptions) {
    this.#options = options;
    this.aheadMs = options.leaseMs * 0.6;
  }

  isLost({ token, expiresAt }: SeenLease): boolean {
    const { leaseMs, isOwn, clock } = this.#options;
    if (isOwn(token)) return false;
    const now = clock.now();
    const before = this.#sights.get(token);
    if (before?.expiresAt !== expiresAt) {
      this.#forgetOld(now);
      this.#sights.set(token, { expiresAt, since: now, seenAt: now });
      return false;
    }
    before.seenAt = now;
    return expiresAt <= now && now - before.since >= leaseMs / 2;
  }

  /** What is not looked at any more was renewed in time, or has ended. */
  #forgetOld(now: number): void {
    for (const [token, { seenAt }] of this.#sights) {
      if (now - seenAt > this.#options.leaseMs) this.#sights.delete(token);
    }
  }
}
