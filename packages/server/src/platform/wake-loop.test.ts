import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { createLogger } from './logger.ts';
import { createWakeLoop, type WakeLoop } from './wake-loop.ts';

const logger = createLogger('silent');
const longestPauseMs = 1_000;

let clock: ManualClock;
let rounds: number;
/** What a round does before it ends. */
let during: () => Promise<number>;
let listeners: Set<() => void>;
let loop: WakeLoop;

beforeEach(async () => {
  clock = new ManualClock();
  rounds = 0;
  during = async () => Number.POSITIVE_INFINITY;
  listeners = new Set();
  loop = createWakeLoop({
    event: 'work.failed',
    work: () => {
      rounds += 1;
      return during();
    },
    longestPauseMs,
    hints: (wake) => {
      listeners.add(wake);
      return () => listeners.delete(wake);
    },
    clock,
    logger,
  });
});

afterEach(() => loop.stop());

/** Waits until the loop rests. */
async function rest(): Promise<void> {
  while (clock.sleeping === 0) await turn();
}

async function startAndRest(): Promise<void> {
  await loop.start();
  await rest();
}

/** Lets everything happen that needs no time to pass. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn();
}

async function advance(ms: number): Promise<number> {
  clock.advance(ms);
  await settle();
  return rounds;
}

function hint(): void {
  for (const listener of listeners) listener();
}

describe('a wake loop', () => {
  it('works when it starts, then after at most the longest pause, whatever a round returns', async () => {
    await startAndRest();
    expect(rounds).toBe(1);
    expect(await advance(longestPauseMs - 1)).toBe(1);
    expect(await advance(1)).toBe(2);
  });

  it('works again when the pause that a round asked for is over', async () => {
    during = async () => 300;
    await startAndRest();
    expect(await advance(299)).toBe(1);
    expect(await advance(1)).toBe(2);
  });

  it('yields between two rounds that ask for no pause', async () => {
    during = async () => -5;
    await startAndRest();
    expect(rounds).toBe(1);
    expect(await advance(0)).toBe(2);
  });

  it('works at once on a hint, and once for many', async () => {
    await startAndRest();
    for (let hints = 0; hints < 10; hints += 1) hint();
    await settle();
    expect(rounds).toBe(2);
    expect(clock.sleeping).toBe(1);
  });

  it('loses no hint during a round: another round follows at once, and only one', async () => {
    const running = Promise.withResolvers<void>();
    during = () => running.promise.then(() => Number.POSITIVE_INFINITY);
    await loop.start();
    hint();
    hint();
    await settle();
    expect(rounds).toBe(1);
    running.resolve();
    await settle();
    expect(rounds).toBe(2);
    expect(clock.sleeping).toBe(1);
  });

  it('never lets two rounds overlap', async () => {
    let underWay = 0;
    during = async () => {
      underWay += 1;
      expect(underWay).toBe(1);
      hint();
      await turn();
      underWay -= 1;
      return rounds < 20 ? 0 : Number.POSITIVE_INFINITY;
    };
    await loop.start();
    while (rounds < 20) await turn();
  });

  it('pauses longer after each failure in a row, and no hint shortens that', async () => {
    during = async () => {
      throw new Error('the store is away');
    };
    await startAndRest();
    for (const [index, pauseMs] of [250, 500, 1_000, 1_000].entries()) {
      hint();
      expect(await advance(pauseMs - 1)).toBe(index + 1);
      expect(await advance(1)).toBe(index + 2);
    }
  });

  it('forgets its failures when a round succeeds', async () => {
    const failing = async () => {
      throw new Error('the store is away');
    };
    during = failing;
    await startAndRest();
    await advance(250);
    during = async () => 100;
    expect(await advance(500)).toBe(3);
    during = failing;
    expect(await advance(100)).toBe(4);
    expect(await advance(249)).toBe(4);
    expect(await advance(1)).toBe(5);
  });

  it('stops when its round has ended, and then ignores hints', async () => {
    const running = Promise.withResolvers<void>();
    during = () => running.promise.then(() => 0);
    await loop.start();
    let isStopped = false;
    const stopped = loop.stop().then(() => {
      isStopped = true;
    });
    await settle();
    expect(isStopped).toBe(false);
    running.resolve();
    await stopped;
    expect(rounds).toBe(1);
    expect(clock.sleeping).toBe(0);
    expect(listeners.size).toBe(0);
    loop.wake();
    await settle();
    expect(rounds).toBe(1);
  });

  it('stops at once during a pause, also after a failure, and when it was never started', async () => {
    await startAndRest();
    await loop.stop();
    await loop.stop();
    expect(clock.sleeping).toBe(0);

    const failing = createWakeLoop({
      event: 'work.failed',
      work: async () => {
        throw new Error('the store is away');
      },
      longestPauseMs,
      clock,
      logger,
    });
    await failing.start();
    await rest();
    await failing.stop();
    expect(clock.sleeping).toBe(0);

    await createWakeLoop({ event: 'work.failed', work: async () => 0, longestPauseMs, clock, logger }).stop();
  });

  it('tells a round that the loop is stopping', async () => {
    const patient = createWakeLoop({
      event: 'work.failed',
      work: async (stopping) => {
        await clock.sleep(60_000, stopping);
        return 0;
      },
      longestPauseMs,
      clock,
      logger,
    });
    await patient.start();
    await rest();
    await patient.stop();
    expect(clock.sleeping).toBe(0);
  });
});
