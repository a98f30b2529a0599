import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { createRepeat } from '../platform/repeat.ts';
import type { Service } from '../platform/service.ts';
import type { SessionStore } from '../store/session-store.ts';

export interface SessionSweeperOptions {
  readonly sessions: Pick<SessionStore, 'forgetEnded'>;
  /** How long it is known that a session was there, after its end. */
  readonly keptMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const longestPauseMs = 60_000;
const batch = 200;

/** Forgets sessions of the console some time after they have ended; the workers of all processes share the work. */
export function createSessionSweeper({ sessions, keptMs, clock, logger }: SessionSweeperOptions): Service {
  const sweep = async (stopping: AbortSignal) => {
    while (!stopping.aborted) {
      const count = await sessions.forgetEnded({ endedUntil: clock.now() - keptMs, limit: batch });
      if (count > 0) logger.info({ event: 'sessions.forgotten', count });
      if (count < batch) return;
    }
  };
  return createRepeat({ event: 'sessions.unswept', everyMs: longestPauseMs, work: sweep, clock, logger });
}
