import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { BenchOptions } from './options.ts';
import { drawJpeg } from './picture.ts';
import { fillQueue } from './postgres-rows.ts';
import { postgresSetup, startPostgres } from './postgres-server.ts';
import { readCpuMs } from './process-figures.ts';
import { startDarkroom, startWorker } from './processes.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median } from './statistics.ts';
import { startStubUpstream } from './stub-upstream.ts';

const places = 16;
const upstreamMs = 500;
const fleets = [1, 2, 4];
/** More requests than the workers can complete. */
const queued = 50_000;

/** Pictures per second of one, two and four worker processes on one database. */
export async function measurePostgresWorkers({ bin, folder, rounds, seconds }: BenchOptions): Promise<Section> {
  await using postgres = await startPostgres(folder);
  await using upstream = await startStubUpstream({ jpeg: await drawJpeg(1_024), delayMs: upstreamMs });
  const url = await postgres.createDatabase('workers');
  await fillQueue(url, { count: queued, organizations: ['organization-1', 'organization-2'] });
  const settings = {
    GEMINI_API_KEY: 'bench-key',
    GEMINI_BASE_URL: upstream.url,
    DATABASE_URL: url,
    DARKROOM_CONCURRENCY: `${places}`,
  };
  await using api = await startDarkroom({ bin, folder, settings, role: 'api' });
  const start = () => startWorker({ bin, dataDir: api.dataDir, settings });
  const made = new Map<number, Made[]>(fleets.map((workers) => [workers, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const workers of fleets) {
      await using fleet = new AsyncDisposableStack();
      const pids: number[] = [];
      for (let index = 0; index < workers; index += 1) pids.push(fleet.use(await start()).pid);
      made.get(workers)?.push(await countMade(url, { pids, seconds }));
    }
  }
  const most = (workers: number) => (workers * places * 1_000) / upstreamMs;
  return {
    title: 'Workers, PostgreSQL',
    setup: `${postgresSetup}; workers of ${places} places each, an upstream that answers a 1K JPEG, kept as JPEG, after ${upstreamMs} ms, all on the same cores; one worker can make ${most(1)} a second, since its places are taken so long; ${rounds} rounds`,
    figures: toFigures(made, most),
  };
}

interface Made {
  readonly perSecond: number;
  /** Of the workers, without PostgreSQL's and the upstream's, in milliseconds a picture. */
  readonly cpuMs: number;
}

interface Fleet {
  readonly pids: readonly number[];
  readonly seconds: number;
}

/** What the workers make once they are warm. */
async function countMade(url: string, { pids, seconds }: Fleet): Promise<Made> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const read = async () => {
    const { rows } = await client.query<{ readonly made: string }>('SELECT sum(success) AS made FROM lanes');
    const cpuMs = (await Promise.all(pids.map(readCpuMs))).reduce((sum, ms) => sum + ms, 0);
    return { made: Number(rows[0]?.made), cpuMs, at: performance.now() };
  };
  try {
    await delay(4 * upstreamMs);
    const before = await read();
    await delay(seconds * 1_000);
    const after = await read();
    const pictures = after.made - before.made;
    return {
      perSecond: (pictures * 1_000) / (after.at - before.at),
      cpuMs: (after.cpuMs - before.cpuMs) / pictures,
    };
  } finally {
    await client.end();
  }
}

function toFigures(fleetsMade: ReadonlyMap<number, readonly Made[]>, most: (workers: number) => number): Figure[] {
  return [...fleetsMade].flatMap(([workers, rounds]): Figure[] => {
    const speeds = rounds.map(({ perSecond }) => perSecond);
    const share = Math.round((median(speeds) * 100) / most(workers));
    const spread = `${formatNumber(Math.min(...speeds))} to ${formatNumber(Math.max(...speeds))}`;
    const name = workers === 1 ? '1 worker' : `${workers} workers`;
    return [
      {
        name,
        value: median(speeds),
        unit: 'a second',
        detail: `${spread}; ${share} % of what its places allow`,
      },
      {
        name: `CPU of a picture, ${name}`,
        value: median(rounds.map(({ cpuMs }) => cpuMs)),
        unit: 'ms',
        detail: "of the workers, without PostgreSQL's",
        aim: { atMost: 15 },
      },
    ];
  });
}
