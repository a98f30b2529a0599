import { applyLoad } from './load.ts';
import { compareLoads } from './load-comparison.ts';
import type { BenchOptions } from './options.ts';
import { panda, requestsPath } from './panda.ts';
import { drawJpeg } from './picture.ts';
import { type DarkroomProcess, startBaseline, startDarkroom, toUpstreamSettings } from './processes.ts';
import type { Section } from './report.ts';
import { interleave } from './statistics.ts';
import { startStubUpstream } from './stub-upstream.ts';

/** Status reads per second of a whole server, compared with a route that answers a constant of the same size. */
export async function measureStatusReads(options: BenchOptions): Promise<Section> {
  await using upstream = await startStubUpstream({ jpeg: await drawJpeg(64), delayMs: 0 });
  const settings = { ...toUpstreamSettings(upstream.url), DARKROOM_CONCURRENCY: '16' };
  await using darkroom = await startDarkroom({ ...options, settings });
  const ids = await finishRequests(darkroom, 4 * options.connections);
  const record = await readText(darkroom, ids[0] ?? '');
  await using baseline = await startBaseline(record);
  const shared = { ...options, method: 'GET' } as const;
  const headers = { authorization: `Bearer ${darkroom.key}` };
  const paths = ids.map((id) => `${requestsPath}/${id}`);
  const read = (seconds: number) => applyLoad({ ...shared, seconds, headers, server: darkroom, paths });
  const answer = (seconds: number) => applyLoad({ ...shared, seconds, headers, server: baseline, paths: ['/'] });

  await interleave(
    1,
    () => read(2),
    () => answer(2),
  );
  const pairs = await interleave(
    options.rounds,
    () => read(options.seconds),
    () => answer(options.seconds),
  );
  return {
    title: 'Status reads',
    setup: `GET of ${ids.length} requests that have succeeded, ${record.length} bytes each, ${options.connections} connections; the worker has nothing to do`,
    figures: compareLoads(pairs, 0.6),
  };
}

async function finishRequests({ client }: DarkroomProcess, count: number): Promise<readonly string[]> {
  const payload = { ...panda.payload, image_output_format: 'jpeg' } as const;
  const submitted = await Promise.all(Array.from({ length: count }, () => client.submit({ ...panda, payload })));
  const ids = submitted.map(({ request_id }) => request_id);
  for (const id of ids) {
    const { status, error } = await client.wait(id, { signal: AbortSignal.timeout(60_000) });
    if (status !== 'success') throw new Error(`A request ended as ${status}: ${error}`);
  }
  return ids;
}

async function readText({ url, key }: DarkroomProcess, id: string): Promise<string> {
  const response = await fetch(`${url}${requestsPath}/${id}`, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`The record of ${id} was answered with ${response.status}.`);
  return response.text();
}
