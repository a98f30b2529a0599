import type { Service } from './service.ts';
import { createWakeLoop, type WakeLoopOptions } from './wake-loop.ts';

export interface RepeatOptions extends Pick<WakeLoopOptions, 'event' | 'clock' | 'logger'> {
  /** The pause between two rounds, in milliseconds. */
  readonly everyMs: number;
  /** One round, as in `WakeLoopOptions`. */
  readonly work: (stopping: AbortSignal) => Promise<void>;
}

/** A `WakeLoop` that nothing wakes: the first round with the start, then one after every pause. */
export function createRepeat({ everyMs, work, ...options }: RepeatOptions): Service {
  return createWakeLoop({
    ...options,
    longestPauseMs: everyMs,
    work: async (stopping) => {
      await work(stopping);
      return everyMs;
    },
  });
}
