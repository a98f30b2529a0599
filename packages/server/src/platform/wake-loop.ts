import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Service } from './service.ts';

/** Repeats work until the loop is stopped, in rounds that never overlap. */
export interface WakeLoop extends Service {
  /**
   * Ends the pause: the next round begins at once. During a round it makes another round follow, so that no hint is lost.
   * Any number of hints cause one round. It does not shorten the pause after a failed round.
   */
  wake(): void;
}

export interface WakeLoopOptions {
  /** The event to log when a round fails, as noun.verb. */
  readonly event: string;
  /**
   * One round. Resolves to the milliseconds in which there is nothing to do unless the loop is woken. `stopping` aborts
   * when the loop is stopped; stopping waits for the round. A round that rejects is logged and does not end the loop.
   */
  readonly work: (stopping: AbortSignal) => Promise<number>;
  /** The longest pause between two rounds, because a hint may be lost, and the longest pause after failures. */
  readonly longestPauseMs: number;
  /** Subscribes `wake` to hints while the loop runs. Returns a function that ends the subscription. */
  readonly hints?: (wake: () => void) => () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The pause after a failed round; it doubles with every failure in a row. */
const firstBackOffMs = 250;

/** The first round begins with the start. */
export function createWakeLoop({ event, work, longestPauseMs, hints, clock, logger }: WakeLoopOptions): WakeLoop {
  const stopping = new AbortController();
  let isWoken = false;
  let pause: AbortController | undefined;
  let failures = 0;
  let running = Promise.resolve();

  // Every abort has a reason: without one it makes an error with a stack, which is a twentieth of the cost of a submit.
  const wake = () => {
    isWoken = true;
    pause?.abort('woken');
  };

  const rest = async (ms: number) => {
    if (isWoken) return;
    pause = new AbortController();
    await clock.sleep(Math.max(0, Math.min(ms, longestPauseMs)), pause.signal);
  };

  const backOff = async (error: unknown) => {
    logger.error({ event, err: error });
    const pauseMs = Math.min(longestPauseMs, firstBackOffMs * 2 ** failures);
    failures += 1;
    await clock.sleep(pauseMs, stopping.signal);
  };

  const round = async () => {
    // Cleared before the work begins: a hint during the work may be about something that the work has not seen.
    isWoken = false;
    const pauseMs = await work(stopping.signal);
    failures = 0;
    await rest(pauseMs);
  };

  const run = async () => {
    const forget = hints?.(wake);
    while (!stopping.signal.aborted) await round().catch(backOff);
    forget?.();
  };

  return {
    start: async () => {
      running = run();
    },
    stop: async () => {
      stopping.abort('stopped');
      wake();
      await running;
    },
    wake,
  };
}
