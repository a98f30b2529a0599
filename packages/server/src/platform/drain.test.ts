import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { drain } from './drain.ts';

const reason = new Error('The worker shuts down');

let clock: ManualClock;
let cutOff: AbortController;
let isDrained: boolean;

beforeEach(() => {
  clock = new ManualClock();
  cutOff = new AbortController();
  isDrained = false;
});

async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn();
}

async function start(running: readonly Promise<void>[]): Promise<void> {
  void drain(running, { ms: 1_000, cutOff, reason, clock }).then(() => {
    isDrained = true;
  });
  await settle();
}

describe('draining', () => {
  it('ends as soon as nothing runs any more, and leaves no timer', async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await start([first.promise, second.promise]);
    first.resolve();
    await settle();
    expect(isDrained).toBe(false);
    second.resolve();
    await settle();
    expect(isDrained).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  it('cuts off what still runs when the time is over, and waits for its end', async () => {
    const work = Promise.withResolvers<void>();
    await start([work.promise]);
    clock.advance(999);
    await settle();
    expect(cutOff.signal.aborted).toBe(false);
    clock.advance(1);
    await settle();
    expect(cutOff.signal.reason).toBe(reason);
    expect(isDrained).toBe(false);
    work.resolve();
    await settle();
    expect(isDrained).toBe(true);
  });

  it('does not wait for its time when it is cut off earlier', async () => {
    const work = Promise.withResolvers<void>();
    await start([work.promise]);
    const earlier = new Error('A second signal');
    cutOff.abort(earlier);
    await settle();
    expect(clock.sleeping).toBe(0);
    work.resolve();
    await settle();
    expect(isDrained).toBe(true);
    expect(cutOff.signal.reason).toBe(earlier);
  });

  it('ends at once when nothing runs', async () => {
    await start([]);
    expect(isDrained).toBe(true);
  });
});
