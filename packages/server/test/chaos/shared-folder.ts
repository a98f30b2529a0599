import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createDiskDriver } from '../../src/media/drivers/disk.ts';
import type { Fleet } from './fleet.ts';
import type { CreateGround, GroundTrouble } from './ground.ts';
import { HardTimes } from './hard-times.ts';
import type { PlanTimes } from './plan.ts';
import type { MachineState } from './server-process.ts';
import { toSettings } from './stage.ts';

/** Several servers on one machine and one data folder: SQLite, and pictures as files. */
export function onSharedFolder(servers: number): CreateGround {
  return async ({ folder, vendors }) => {
    const dataDir = path.join(folder, 'data');
    const media = path.join(dataDir, 'media');
    await mkdir(dataDir);
    const hardTimes = new HardTimes();
    const env = { ...toSettings(vendors), DARKROOM_DATA_DIR: dataDir };
    return {
      servers: Array.from({ length: servers }, () => ({ env, dataDir, isApi: true })),
      store: { databaseUrl: undefined, dataDir },
      hardTimes,
      planTroubles: (plan) => planTroubles(plan, hardTimes),
      listObjects: () => Array.fromAsync(createDiskDriver({ folder: media }).list('')),
      listDrafts: () => readdir(path.join(media, '~drafts')),
      stop: async () => undefined,
    };
  };
}

/** The disk of the machine is full or slow for a while, or the database cannot grow. */
function planTroubles({ dice, several }: PlanTimes, hardTimes: HardTimes): readonly GroundTrouble[] {
  const aWhile = (fleet: Fleet, change: Partial<MachineState>, forMs: number) => async () => {
    fleet.set(change);
    await pause(forMs);
    fleet.set({ storage: 'well', isDatabaseFull: false });
  };
  const full = (atMs: number, change: Partial<MachineState>, forMs: number): GroundTrouble => ({
    atMs,
    bring: (fleet) => hardTimes.during(aWhile(fleet, change, forMs)),
  });
  const slow = (atMs: number, forMs: number): GroundTrouble => ({
    atMs,
    bring: (fleet) => aWhile(fleet, { storage: 'slow' }, forMs)(),
  });
  return [
    ...several(9_000, (atMs) => full(atMs, { storage: 'full' }, dice.between(500, 3_000))),
    ...several(9_000, (atMs) => slow(atMs, dice.between(500, 3_000))),
    ...several(12_000, (atMs) => full(atMs, { isDatabaseFull: true }, dice.between(300, 1_500))),
  ];
}
