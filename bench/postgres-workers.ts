import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { BenchOptions } from './options.ts';
import { drawJpeg } from './picture.ts';
import { fillQueue } from './postgres-rows.ts';
import { postgresSetup, startPostgres } from './postgres-server.ts';
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
  await using upstream = await startStubUpstream({ jpeg: await drawJpeg(64), delayMs: upstreamMs });
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
  const speeds = new Map<number, number[]>(fleets.map((workers) => [workers, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const workers of fleets) {
      await using fleet = new AsyncDisposableStack();
      for (let index = 0; index < workers; index += 1) fleet.use(await start());
      speeds.get(workers)?.push(await countMade(url, seconds));
    }
  }
  const most = (workers: number) => (workers * places * 1_000) / upstreamMs;
  return {
    title: 'Workers, PostgreSQL',
    setup: `${postgresSetup}; workers of ${places} places each, an upstream that answers a small JPEG after ${upstreamMs} ms, all on the same cores; one worker can make ${most(1)} a second, since its places are taken so long; ${rounds} rounds`,
    figures: toFigures(speeds, most),
  };
}

/** Pictures per second, once the workers are warm. */
async function countMade(url: string, seconds: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const read = async () => {
    const { rows } = await client.query<{ readonly made: string }>('SELECT sum(success) AS made FROM lanes');
    return { made: Number(rows[0]?.made), at: performance.now() };
  };
  try {
    await delay(4 * upstreamMs);
    const before = await read();
    await delay(seconds * 1_000);
    const after = await read();
    return ((after.made - before.made) * 1_000) / (after.at - before.at);
  } finally {
    await client.end();
  }
}

function toFigures(speeds: ReadonlyMap<number, readonly number[]>, most: (workers: number) => number): Figure[] {
  return [...speeds].map(([workers, values]) => {
    const share = Math.round((median(values) * 100) / most(workers));
    const spread = `${formatNumber(Math.min(...values))} to ${formatNumber(Math.max(...values))}`;
    const name = workers === 1 ? '1 worker' : `${workers} workers`;
    return { name, value: median(values), unit: 'a second', detail: `${spread}; ${share} % of what its places allow` };
  });
}
