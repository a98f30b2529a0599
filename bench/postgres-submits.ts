import { applyLoad, type LoadFigures } from './load.ts';
import type { BenchOptions } from './options.ts';
import { panda, requestsPath } from './panda.ts';
import { type PostgresServer, postgresSetup, startPostgres } from './postgres-server.ts';
import { type DarkroomProcess, type ServerProcess, startDarkroom, startHandMade } from './processes.ts';
import { startRedis } from './redis-server.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median } from './statistics.ts';

/** A service under load, and its figures for each round. */
interface Side {
  readonly name: string;
  readonly server: ServerProcess;
  readonly path: string;
  readonly loads: LoadFigures[];
  /** The aim of Darkroom's submits to those of this side; when left out: as many. */
  readonly atLeast?: number;
}

/** Durable submits per second of an API process, compared with the same service made by hand from the usual parts. */
export async function measurePostgresSubmits(options: BenchOptions): Promise<Section> {
  await using postgres = await startPostgres(options.folder);
  await using darkroom = await startApi(options, postgres);
  await using bare = await startHandMade(['none', await postgres.createDatabase('bare')]);
  await using boss = await startHandMade(['pg-boss', await postgres.createDatabase('boss')]);
  await using redis = await startRedis(options.folder);
  await using bull = redis && (await startHandMade(['bullmq', await postgres.createDatabase('bull'), `${redis.port}`]));
  const sides: readonly Side[] = [
    { name: 'Darkroom', server: darkroom, path: requestsPath, loads: [] },
    { name: 'Fastify with bare inserts', server: bare, path: '/', loads: [], atLeast: 0.5 },
    { name: 'Fastify with pg-boss', server: boss, path: '/', loads: [] },
    ...(bull ? [{ name: 'Fastify with BullMQ', server: bull, path: '/', loads: [] }] : []),
  ];
  const answered = await loadByTurns(sides, { ...options, key: darkroom.key });
  await assertKept(darkroom, answered);
  const redisSetup = bull
    ? 'or in BullMQ after it, in a Redis that flushes every write'
    : 'BullMQ was not measured, because there is no redis-server on the PATH';
  return {
    title: 'Durable submits, PostgreSQL',
    setup: `POST of the panda, ${options.connections} connections; ${postgresSetup}; an API process beside services made by hand: a record alone, in one INSERT; a record and its job, in pg-boss, in one transaction; ${redisSetup}; medians of ${options.rounds} rounds`,
    figures: toFigures(sides),
  };
}

async function startApi({ bin, folder }: BenchOptions, postgres: PostgresServer): Promise<DarkroomProcess> {
  const settings = { DATABASE_URL: await postgres.createDatabase('darkroom'), DARKROOM_MAX_QUEUED: '10000000' };
  return startDarkroom({ bin, folder, settings, role: 'api' });
}

interface Turns extends BenchOptions {
  readonly key: string;
}

/** A B C A B C …, after a warm-up round. Resolves to how many submits Darkroom answered. */
async function loadByTurns(sides: readonly Side[], { rounds, seconds, connections, key }: Turns): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const body = JSON.stringify(panda);
  let answered = 0;
  for (let round = 0; round <= rounds; round += 1) {
    for (const { server, path, loads } of sides) {
      const load = await applyLoad({ server, connections, seconds, method: 'POST', paths: [path], headers, body });
      if (round > 0) loads.push(load);
      if (path === requestsPath) answered += load.answers;
    }
  }
  return answered;
}

/** Checks that every reply that said `queued` has its row. */
async function assertKept({ client }: DarkroomProcess, answered: number): Promise<void> {
  const { total } = await client.list({ limit: 1 });
  if (total < answered) throw new Error(`${answered} submits were answered, but the list has ${total} requests.`);
}

function toFigures(sides: readonly Side[]): readonly Figure[] {
  const [darkroom, ...others] = sides;
  const ratios = others.map(({ name, loads, atLeast = 1 }): Figure => {
    const each = loads.map(({ perSecond }, round) => (darkroom?.loads[round]?.perSecond ?? 0) / perSecond);
    const detail = `${formatNumber(Math.min(...each))} to ${formatNumber(Math.max(...each))} in ${each.length} rounds`;
    return { name: `Darkroom to ${name}`, value: median(each), unit: 'ratio', detail, aim: { atLeast } };
  });
  const speeds = sides.map(({ name, loads }): Figure => {
    const of = (figure: keyof LoadFigures) => median(loads.map((load) => load[figure]));
    const cpu = `${formatNumber(of('cpuMicrosPerAnswer'))} µs of CPU each, without the databases'`;
    return {
      name,
      value: of('perSecond'),
      unit: 'a second',
      detail: `p50 ${of('p50')} ms, p99 ${of('p99')} ms; ${cpu}`,
    };
  });
  return [...ratios, ...speeds];
}
