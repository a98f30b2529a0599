import { applyLoad, type LoadFigures } from './load.ts';
import { compareLoads } from './load-comparison.ts';
import type { BenchOptions } from './options.ts';
import { panda, requestsPath } from './panda.ts';
import { type DarkroomProcess, startBaseline, startDarkroom, toUpstreamSettings } from './processes.ts';
import type { Section } from './report.ts';
import { interleave } from './statistics.ts';
import { startStubUpstream } from './stub-upstream.ts';

/** Durable submits per second of a whole server, compared with a route that parses and answers the same JSON. */
export async function measureSubmits(options: BenchOptions): Promise<Section> {
  // The worker has one place and its first call never ends, so it does not affect the measurement.
  await using upstream = await startStubUpstream();
  const settings = { ...toUpstreamSettings(upstream.url), DARKROOM_CONCURRENCY: '1', DARKROOM_MAX_QUEUED: '10000000' };
  await using darkroom = await startDarkroom({ ...options, settings });
  await using baseline = await startBaseline(JSON.stringify(await darkroom.client.submit(panda)));
  const body = JSON.stringify(panda);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${darkroom.key}` };
  const shared = { ...options, method: 'POST', headers, body } as const;
  const submit = (seconds: number) => applyLoad({ ...shared, seconds, server: darkroom, paths: [requestsPath] });
  const parse = (seconds: number) => applyLoad({ ...shared, seconds, server: baseline, paths: ['/'] });

  const warm = await interleave(
    1,
    () => submit(2),
    () => parse(2),
  );
  const pairs = await interleave(
    options.rounds,
    () => submit(options.seconds),
    () => parse(options.seconds),
  );
  await assertKept(
    darkroom,
    [...warm, ...pairs].map(({ a }) => a),
  );
  return {
    title: 'Durable submits',
    setup: `POST of the panda with a key, ${options.connections} connections; SQLite on disk, every reply flushed before it is sent; the worker waits for an upstream that never answers`,
    figures: compareLoads(pairs, 0.4),
  };
}

/** Checks that every reply that said `queued` has its row. */
async function assertKept({ client }: DarkroomProcess, loads: readonly LoadFigures[]): Promise<void> {
  const answers = loads.reduce((sum, load) => sum + load.answers, 0);
  const { total } = await client.list({ limit: 1 });
  if (total < answers) throw new Error(`${answers} submits were answered, but the list has ${total} requests.`);
}
