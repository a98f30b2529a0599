import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Service } from './service.ts';

export interface RepeatOptions {
  /** For the log: what could not be done, as noun.verb. */
  readonly event: string;
  /** Asked after each time: how long until the next. */
  readonly pauseMs: () => number;
  readonly work: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Does `work` at once and then again and again, with a pause between; a failure is logged and does not end it. */
export function createRepeat({ event, pauseMs, work, clock, logger }: RepeatOptions): Service {
  const stopping = new AbortController();
  let loop = Promise.resolve();
  const run = async () => {
    while (!stopping.signal.aborted) {
      await work().catch((error: unknown) => logger.error({ event, err: error }));
      await clock.sleep(pauseMs(), stopping.signal);
    }
  };
  return {
    start: async () => {
      loop = run();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}
