import type { Clock } from './clock.ts';

export interface DrainOptions {
  /** How long to wait before the rest is cut off. */
  readonly ms: number;
  /** Aborted when the time is over. Aborting it earlier ends the wait. */
  readonly cutOff: AbortController;
  readonly reason: Error;
  readonly clock: Clock;
}

/** Waits until all of `running` has ended: at first by itself, later because it is cut off. None of it may reject. */
export async function drain(
  running: Iterable<Promise<void>>,
  { ms, cutOff, reason, clock }: DrainOptions,
): Promise<void> {
  const drained = new AbortController();
  const ended = Promise.all(running).then(() => drained.abort());
  await clock.sleep(ms, AbortSignal.any([drained.signal, cutOff.signal]));
  cutOff.abort(reason);
  await ended;
}
