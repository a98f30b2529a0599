import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, MachineClock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { Logger } from '../platform/logger.ts';
import { catchUp, ServiceClock } from '../platform/service-clock.ts';
import type { Store } from '../store/store.ts';

export interface ServiceTimeOptions {
  readonly store: Pick<Store, 'events' | 'serverTime'>;
  readonly dataDir: string;
  readonly machine: MachineClock;
  readonly logger: Logger;
}

/** A history further in the future than this was written by a clock that was wrong: nobody waits for it. */
const longestAheadMs = 7 * 86_400_000;

/** Less is the way of a message, or what clocks that are kept right differ by. */
const toleranceMs = 1_000;

/**
 * The clock that everything works by. A process that starts goes on with the time that the service had: after a step of the
 * machine's clock, which a file in the data folder remembers; where the machine is ahead of the database's, with the time of
 * that; and not before the last moment of the history, when the clock was set back meanwhile.
 */
export async function createServiceTime(options: ServiceTimeOptions): Promise<Clock> {
  const { machine, dataDir, logger } = options;
  const file = path.join(dataDir, 'clock-step.json');
  // Made first: it notices a step that comes while the store is asked.
  const clock = new ServiceClock(machine, {
    onStep: (step) => {
      logger.warn({ event: 'clock.stepped', by_ms: step.byMs, behind_ms: step.behindMs });
      const remembered: RememberedStep = { at: machine.now(), behindMs: step.behindMs };
      void remember(file, remembered).catch((error: unknown) => logger.warn({ event: 'clock.unnoted', err: error }));
    },
  });
  const now = clock.now();
  const behindMs = await findBehind(now, file, options);
  clock.adjust(behindMs);
  if (behindMs !== 0) logger.warn({ event: 'clock.differs', behind_ms: Math.round(behindMs) });
  return clock;
}

async function findBehind(now: number, file: string, { store, logger }: ServiceTimeOptions): Promise<number> {
  const [step, serverTime, lastAt] = await Promise.all([recall(file), store.serverTime(), findLastMoment(store)]);
  const behindMs = Math.max(
    step ? catchUp(step.behindMs, Math.max(0, now - step.at)) : 0,
    now - serverTime > toleranceMs ? now - serverTime : Number.NEGATIVE_INFINITY,
  );
  if (lastAt <= now + longestAheadMs) return Math.min(behindMs, now - lastAt);
  logger.error({ event: 'clock.implausible', last_moment_at: lastAt, now });
  return behindMs;
}

const lookBack = 20;

async function findLastMoment({ events }: ServiceTimeOptions['store']): Promise<number> {
  // Some more than the last one, which may be damaged.
  const last = (await events.readAfter((await events.last()) - lookBack, lookBack)).at(-1);
  return last?.at ?? 0;
}

interface RememberedStep {
  /** The machine's time after it. */
  readonly at: number;
  readonly behindMs: number;
}

/** Processes on one data folder live through the same step and write the same; a reader finds the whole of one. */
async function remember(file: string, step: RememberedStep): Promise<void> {
  const fresh = `${file}.${createSecret()}`;
  await writeFile(fresh, JSON.stringify(step));
  await rename(fresh, file);
}

async function recall(file: string): Promise<RememberedStep | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : JSON.parse(text); // as `remember` wrote it
}
