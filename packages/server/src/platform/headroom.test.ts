import os from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import type { DiskShares } from './disk-shares.ts';
import { createHeadroom, type FreeBytes, type Headroom, measureFree } from './headroom.ts';
import { createLogger } from './logger.ts';
import type { Service } from './service.ts';

const plenty: FreeBytes = { disk: 100 * 2 ** 30, memory: 2 ** 30 };

let clock: ManualClock;
let measured: () => Promise<FreeBytes>;
let headroom: Headroom & DiskShares & Service;

beforeEach(async () => {
  clock = new ManualClock();
  measured = async () => plenty;
  headroom = createHeadroom({
    folder: os.tmpdir(),
    minFreeDiskBytes: 512 * 2 ** 20,
    minFreeMemoryBytes: 64 * 2 ** 20,
    measure: () => measured(),
    clock,
    logger: createLogger('silent'),
  });
  await headroom.start();
});

afterEach(() => headroom.stop());

/** Waits for the next measurement. */
async function measureAgain(result: () => Promise<FreeBytes>): Promise<void> {
  measured = result;
  while (clock.sleeping === 0) await turn();
  clock.advance(1_000);
  while (clock.sleeping === 0) await turn();
}

describe('the headroom', () => {
  it('refuses nothing while there is room', () => {
    expect([headroom.refusal(), headroom.mustRest()]).toEqual([undefined, false]);
  });

  it('says within a second that disk or memory is short, and that it no longer is', async () => {
    await measureAgain(async () => ({ ...plenty, disk: 300 * 2 ** 20 }));
    expect(headroom.refusal()).toMatch(/short of disk space: 300 MB is free, and at least 512 MB must be/);
    await measureAgain(async () => ({ ...plenty, memory: 63 * 2 ** 20 }));
    expect(headroom.refusal()).toMatch(/short of memory: 63 MB is free, and at least 64 MB must be/);
    await measureAgain(async () => plenty);
    expect(headroom.refusal()).toBeUndefined();
  });

  it('lets workers continue with accepted requests until half of the required disk space is gone as well', async () => {
    await measureAgain(async () => ({ ...plenty, disk: 300 * 2 ** 20 }));
    expect(headroom.mustRest()).toBe(false);
    await measureAgain(async () => ({ ...plenty, disk: 255 * 2 ** 20 }));
    expect(headroom.mustRest()).toBe(true);
  });

  it('keeps the last measurement when the disk cannot be measured', async () => {
    await measureAgain(async () => ({ ...plenty, disk: 0 }));
    await measureAgain(() => Promise.reject(new Error('ENOENT')));
    expect(headroom.mustRest()).toBe(true);
  });

  it('reads the real disk and the real memory', async () => {
    const free = await measureFree(os.tmpdir());
    expect(free.disk).toBeGreaterThan(0);
    expect(free.memory).toBeGreaterThan(0);
  });

  it('lets no caller fill the disk for all: the one that wrote most is refused first, and others have space', async () => {
    const mega = 2 ** 20;
    const picture = 7 * mega;
    let free = (512 + 600) * mega;
    const write = (who: string) => {
      const sentence = headroom.admit(who, picture);
      if (sentence === undefined) free -= picture;
      return sentence;
    };
    await measureAgain(async () => ({ ...plenty, disk: free }));
    let written = 0;
    // Faster than the next measurement.
    while (write('greedy') === undefined) written += picture;
    expect(written).toBeGreaterThan(150 * mega);
    expect(written).toBeLessThan(250 * mega);
    expect(write('greedy')).toMatch(/^The disk of the service is nearly full, and this organization/);
    await measureAgain(async () => ({ ...plenty, disk: free }));
    expect(headroom.refusal()).toBeUndefined();
    expect(['one', 'two', 'three', 'greedy'].map(write)).toEqual([undefined, undefined, undefined, expect.any(String)]);
    await measureAgain(async () => ({ ...plenty, disk: 100 * plenty.disk }));
    expect(headroom.admit('greedy', picture)).toBeUndefined();
  });

  it('counts written bytes half after half an hour', async () => {
    const disk = (512 + 200) * 2 ** 20;
    await measureAgain(async () => ({ ...plenty, disk }));
    expect(headroom.admit('one', 60 * 2 ** 20)).toBeUndefined();
    await measureAgain(async () => ({ ...plenty, disk }));
    expect(headroom.admit('one', 60 * 2 ** 20)).toBeDefined();
    clock.advance(30 * 60_000);
    await measureAgain(async () => ({ ...plenty, disk }));
    expect(headroom.admit('one', 60 * 2 ** 20)).toBeUndefined();
  });
});
