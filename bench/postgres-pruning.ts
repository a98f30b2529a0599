import path from 'node:path';
import { createDiskDriver } from '../packages/server/src/media/drivers/disk.ts';
import { MediaStore } from '../packages/server/src/media/media-store.ts';
import { systemClock } from '../packages/server/src/platform/clock.ts';
import { createLogger } from '../packages/server/src/platform/logger.ts';
import type { Service } from '../packages/server/src/platform/service.ts';
import { openPostgresStore } from '../packages/server/src/store/postgres/open-postgres-store.ts';
import type { Store } from '../packages/server/src/store/store.ts';
import { createPruner } from '../packages/server/src/upkeep/pruner.ts';
import { now } from './made-requests.ts';
import type { BenchOptions } from './options.ts';
import { groupSize, measureGroup, type Round } from './postgres-queues.ts';
import { createArchive } from './postgres-reads.ts';
import { postgresSetup, startPostgres } from './postgres-server.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median, percentile } from './statistics.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const turns = 12;
const groupsOfTurn = 10;
const warmUps = 10;
const secondMs = 1_000;
const dayMs = 86_400_000;

/** Submits, claims and settlements while the pruner removes millions of finished requests, and while it does not, in turn. */
export async function measurePostgresPruning({ folder, finished }: BenchOptions): Promise<Section> {
  await using postgres = await startPostgres(folder);
  await using place = await createTemporaryFolder(folder);
  const url = await createArchive(postgres, finished);
  await using owned = new AsyncDisposableStack();
  const logger = createLogger('silent');
  const store = await openPostgresStore({ url, logger });
  owned.defer(() => store.close());
  const media = new MediaStore(createDiskDriver({ folder: path.join(place.path, 'media') }));
  await media.check();
  const rule = [{ keptMs: secondMs }];
  const kept = { requests: rule, pictures: [], webhooksMs: dayMs, tombstonesMs: dayMs };
  const measured = await measureTurns(store, () =>
    createPruner({ removals: store.removals, media, kept, clock: systemClock, logger }),
  );
  return {
    title: 'Pruning, PostgreSQL',
    setup: `${postgresSetup}; ${finished.toLocaleString('en-US')} finished requests, all older than they are kept; ${groupSize} requests are submitted together, claimed and settled, while the pruner of the same process works and while it does not, in turn; medians of ${turns * groupsOfTurn} rounds each`,
    figures: toFigures(measured),
  };
}

interface Measured {
  readonly quiet: Round[];
  readonly pruning: Round[];
  readonly pruned: number;
  readonly pruningMs: number;
}

async function measureTurns(store: Store, create: () => Service): Promise<Measured> {
  const quiet: Round[] = [];
  const pruning: Round[] = [];
  let group = 0;
  const measure = async (into: Round[], count: number) => {
    for (let index = 0; index < count; index += 1, group += 1) {
      into.push(await measureGroup(store, { at: now + group * secondMs, first: group * groupSize }));
    }
  };
  await measure([], warmUps);
  const before = await countFinished(store);
  let pruningMs = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    await measure(quiet, groupsOfTurn);
    const pruner = create();
    const start = performance.now();
    await pruner.start();
    await measure(pruning, groupsOfTurn);
    await pruner.stop();
    pruningMs += performance.now() - start;
  }
  const made = 2 * turns * groupsOfTurn * groupSize;
  return { quiet, pruning, pruned: before + made - (await countFinished(store)), pruningMs };
}

async function countFinished({ removals, requests }: Store): Promise<number> {
  let count = 0;
  for (const organizationId of await removals.listOrganizations({ limit: 2_000 })) {
    count += (await requests.list({ organizationId, status: 'success', limit: 1 })).total;
  }
  return count;
}

function toFigures({ quiet, pruning, pruned, pruningMs }: Measured): readonly Figure[] {
  const toPair = (what: string, name: keyof Round): readonly Figure[] => {
    const [without, during] = [quiet, pruning].map((rounds) => rounds.map((round) => round[name]));
    const [usual, busy] = [median(without ?? []), median(during ?? [])];
    const p95 = `p95 ${formatNumber(percentile(during ?? [], 95))} ms, without pruning ${formatNumber(percentile(without ?? [], 95))} ms`;
    return [
      { name: `${what}, while pruning`, value: busy, unit: 'ms', detail: `without ${formatNumber(usual)} ms; ${p95}` },
      { name: `${what}: while pruning to without`, value: busy / usual, unit: 'ratio' },
    ];
  };
  return [
    {
      name: 'pruned',
      value: (pruned * 1_000) / pruningMs,
      unit: 'a second',
      detail: `${pruned} requests beside this work`,
    },
    ...toPair(`${groupSize} submits`, 'submit'),
    ...toPair(`a claim of ${groupSize - 1}`, 'claim'),
    ...toPair('a claim alone', 'alone'),
    ...toPair(`${groupSize} settlements`, 'settle'),
  ];
}
