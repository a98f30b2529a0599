import type { Clock } from '../platform/clock.ts';
import type { LeaseWatch, SeenLease } from '../store/request-store.ts';

export interface LeaseWatcherOptions {
  readonly leaseMs: number;
  /** Does this process hold the lease of this token? */
  readonly isOwn: (token: string) => boolean;
  readonly clock: Clock;
}

interface Sight {
  readonly expiresAt: number;
  readonly since: number;
  seenAt: number;
}

/**
 * Tells workers that are gone from workers whose clock differs. A worker that is alive renews its lease three times while it
 * lasts. A lease is lost when its time is over and this process has watched for half of its length without seeing it renewed.
 * So a wrong clock, here or there, takes no request from a worker that works. Leases of this process are never lost.
 */
export class LeaseWatcher implements LeaseWatch {
  /** A lease that has missed one renewal is watched from then on, before it runs out. */
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

  /** Leases that the rescue no longer asks about were renewed in time, or have ended. */
  #forgetOld(now: number): void {
    for (const [token, { seenAt }] of this.#sights) {
      if (now - seenAt > this.#options.leaseMs) this.#sights.delete(token);
    }
  }
}
