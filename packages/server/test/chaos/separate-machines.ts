import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type OwnTestServer, startOwnServer } from '../postgres/test-database.ts';
import { ChaosBucket } from './chaos-bucket.ts';
import type { CreateGround, GroundTrouble, ServerPlace } from './ground.ts';
import { HardTimes } from './hard-times.ts';
import type { PlanTimes } from './plan.ts';
import { toSettings } from './stage.ts';

const roles = ['api', 'api', 'worker', 'worker', 'worker', 'worker'] as const;

/** Two APIs and four workers that share only PostgreSQL and a bucket: each has its own data folder. */
export const onSeparateMachines: CreateGround = async ({ folder, vendors }) => {
  const postgres = await startOwnServer();
  const bucket = await ChaosBucket.start();
  const databaseUrl = await postgres.createDatabase();
  const servers = roles.map((role, index): ServerPlace => {
    const dataDir = path.join(folder, `machine-${index}`);
    const own = { DARKROOM_ROLE: role, DARKROOM_DATA_DIR: dataDir };
    const env = { ...toSettings(vendors), ...bucket.env, ...own, DATABASE_URL: databaseUrl };
    return { env, dataDir, isApi: role === 'api' };
  });
  for (const { dataDir } of servers) await mkdir(dataDir);
  const hardTimes = new HardTimes();
  return {
    servers,
    store: { databaseUrl, dataDir: folder },
    hardTimes,
    planTroubles: (plan) => [...planBucket(plan, bucket, hardTimes), ...planDatabase(plan, postgres, hardTimes)],
    listObjects: async () => bucket.keys,
    listDrafts: async () => bucket.openUploads,
    stop: async () => {
      await bucket.stop();
      await postgres.stop();
    },
  };
};

function planBucket({ dice, several }: PlanTimes, bucket: ChaosBucket, hardTimes: HardTimes): readonly GroundTrouble[] {
  const hard = (forMs: number, trouble: (forMs: number) => Promise<void>) => () =>
    hardTimes.during(() => trouble(forMs));
  return [
    ...several(6_000, (atMs) => ({ atMs, bring: hard(dice.between(500, 3_000), (forMs) => bucket.refuse(forMs)) })),
    ...several(9_000, (atMs) => ({ atMs, bring: hard(dice.between(200, 2_000), (forMs) => bucket.cutOff(forMs)) })),
    ...several(9_000, (atMs) => ({ atMs, bring: hard(dice.between(500, 3_000), (forMs) => bucket.slowDown(forMs)) })),
  ];
}

/** The server is stopped at least once, and killed at least once. */
function planDatabase(
  { dice, several }: PlanTimes,
  postgres: OwnTestServer,
  hardTimes: HardTimes,
): readonly GroundTrouble[] {
  let last = Promise.resolve();
  const down = (how: 'restart' | 'crash', atMs: number): GroundTrouble => {
    const forMs = dice.between(100, 2_500);
    const bring = () => {
      last = last.then(() => postgres[how](() => pause(forMs)));
      return last;
    };
    return { atMs, bring: () => hardTimes.during(bring) };
  };
  return [...several(30_000, (atMs) => down('restart', atMs)), ...several(30_000, (atMs) => down('crash', atMs))];
}
