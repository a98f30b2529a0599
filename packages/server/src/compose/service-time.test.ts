import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import type { Clock } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import { submitOne } from '../store/contract/fixtures.ts';
import type { Store } from '../store/store.ts';
import { createServiceTime } from './service-time.ts';

const day = 86_400_000;

let dataDir: string;
let store: Store;
let machine: ManualClock;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'darkroom-time-'));
  store = openNewStore(path.join(dataDir, 'darkroom.db'));
  machine = new ManualClock();
});
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

/** A process that starts. */
const start = (serverTime = Number.POSITIVE_INFINITY): Promise<Clock> =>
  createServiceTime({
    store: { events: store.events, serverTime: async () => serverTime },
    dataDir,
    machine,
    logger: createLogger('silent'),
  });

async function remembered(): Promise<void> {
  while (!(await readdir(dataDir)).includes('clock-step.json')) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a process that starts', () => {
  it('goes by the time of the machine', async () => {
    expect((await start()).now()).toBe(machine.now());
  });

  it('after the clock was set on goes on with the time of those that lived through it', async () => {
    const first = await start();
    machine.step(day);
    const before = first.now();
    await remembered();
    expect((await start()).now()).toBe(before);
    machine.advance(60_000);
    expect((await start()).now()).toBe(first.now());
  });

  it('after the clock was set back while none ran goes on from the last moment of the history', async () => {
    const lastAt = machine.now();
    await submitOne(store.requests, { createdAt: lastAt });
    machine.step(-day);
    const clock = await start();
    expect(clock.now()).toBe(lastAt);
    machine.advance(2_000);
    expect(clock.now()).toBe(lastAt + 1_000);
  });

  it('on a machine that is ahead of the database goes by the time of that, and on one that is not by its own', async () => {
    const now = machine.now();
    expect((await start(now - day)).now()).toBe(now - day);
    for (const serverTime of [now - 500, now, now + day]) expect((await start(serverTime)).now()).toBe(now);
  });

  it('does not wait for years: a history from a far future was written by a clock that was wrong', async () => {
    await submitOne(store.requests, { createdAt: machine.now() + 3_650 * day });
    expect((await start()).now()).toBe(machine.now());
  });
});
