import { setTimeout as delay } from 'node:timers/promises';
import type { Darkroom } from '@darkroom/client';
import type { BenchOptions } from './options.ts';
import { panda } from './panda.ts';
import { drawJpeg } from './picture.ts';
import { fillQueue } from './postgres-rows.ts';
import { postgresSetup, startPostgres } from './postgres-server.ts';
import { startDarkroom, toUpstreamSettings } from './processes.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { median } from './statistics.ts';
import { type StubUpstream, startStubUpstream } from './stub-upstream.ts';

const upstreamMs = 1_000;
const submits = 20;

/** How long an organization with one request waits while another one has a long queue. */
export async function measurePostgresFairness({ bin, folder, queued }: BenchOptions): Promise<Section> {
  await using postgres = await startPostgres(folder);
  await using upstream = await startStubUpstream({ jpeg: await drawJpeg(64), delayMs: upstreamMs });
  const url = await postgres.createDatabase('fairness');
  await fillQueue(url, { count: queued, organizations: ['organization-with-many'] });
  // With one place the wait is the longest: nothing starts before a call has ended.
  const settings = { ...toUpstreamSettings(upstream.url), DATABASE_URL: url, DARKROOM_CONCURRENCY: '1' };
  await using darkroom = await startDarkroom({ bin, folder, settings });
  const waits: Wait[] = [];
  for (let index = 0; index < submits; index += 1) {
    // At a random time during the call under way.
    await delay(Math.random() * upstreamMs);
    waits.push(await timeWait(darkroom.client, upstream, `Submit ${index}`));
  }
  return {
    title: 'Fairness, PostgreSQL',
    setup: `${postgresSetup}; one organization has ${queued.toLocaleString('en-US')} requests queued, another submits ${submits}, one after the other, each when the one before has succeeded; one place, and an upstream that answers after ${upstreamMs} ms`,
    figures: toFigures(waits),
  };
}

/** The wait of a submit, from its 200 until its call is at the upstream. */
interface Wait {
  readonly ms: number;
  /** How many calls of the other organization reached the upstream meanwhile: at most one that was already on its way. */
  readonly calls: number;
}

function toFigures(waits: readonly Wait[]): readonly Figure[] {
  const times = waits.map(({ ms }) => ms);
  const longest = Math.max(...times);
  const detail = `from the 200 of a submit until its call is at the upstream: ${formatNumber(longest)} ms; median ${formatNumber(median(times))} ms`;
  const calls = Math.max(...waits.map((wait) => wait.calls));
  return [
    { name: 'most calls that came before it', value: calls, unit: 'ratio', aim: { atMost: 1 } },
    { name: 'longest wait, in calls', value: longest / upstreamMs, unit: 'ratio', detail, aim: { atMost: 1.1 } },
  ];
}

async function timeWait(client: Darkroom, upstream: StubUpstream, prompt: string): Promise<Wait> {
  const payload = { ...panda.payload, prompt, image_output_format: 'jpeg' } as const;
  const { request_id } = await client.submit({ ...panda, payload });
  const reply = performance.now();
  const { status, error } = await client.wait(request_id, { signal: AbortSignal.timeout(30_000) });
  if (status !== 'success') throw new Error(`A request ended as ${status}: ${error}`);
  const arrival = upstream.arrivalOf(prompt);
  if (arrival === undefined) throw new Error(`The call for "${prompt}" never reached the upstream.`);
  return { ms: arrival - reply, calls: upstream.countArrivals(reply, arrival) };
}
