import type { Darkroom } from '@darkroom/client';
import { loadSharp } from '../packages/server/src/media/codec/load-sharp.ts';
import { encode } from '../packages/server/src/media/codec/picture-codec.ts';
import { callUpstream } from './direct-call.ts';
import type { BenchOptions } from './options.ts';
import { panda } from './panda.ts';
import { drawJpeg } from './picture.ts';
import { startDarkroom, startStreamingProxy, toUpstreamSettings } from './processes.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { interleave, median, percentile } from './statistics.ts';
import { type StubUpstream, startStubUpstream } from './stub-upstream.ts';

const upstreamMs = 50;

/** The time from a submit to the arrival of its call at the upstream, on an idle server. */
export async function measureReach(options: BenchOptions): Promise<Section> {
  await using upstream = await startStubUpstream({ jpeg: await drawJpeg(64), delayMs: 0 });
  await using darkroom = await startDarkroom({ ...options, settings: toUpstreamSettings(upstream.url) });
  const { client } = darkroom;
  for (let index = 0; index < warmUps; index += 1) await reach(client, upstream, `Warm-up ${index}`);
  const reached: { readonly fromStart: number; readonly fromReply: number }[] = [];
  for (let index = 0; index < options.submits; index += 1) {
    reached.push(await reach(client, upstream, `Submit ${index}`));
  }
  return {
    title: 'From a submit to the upstream',
    setup: `${options.submits} requests, one after the other, each when the one before has succeeded; on the way are two commits: the request, and its claim with the line of the call`,
    figures: [
      toLatencyFigure(
        'from the start of the POST',
        reached.map(({ fromStart }) => fromStart),
      ),
      toLatencyFigure(
        'from its 200',
        reached.map(({ fromReply }) => fromReply),
      ),
    ],
  };
}

const warmUps = 20;

async function reach(client: Darkroom, upstream: StubUpstream, prompt: string) {
  const start = performance.now();
  const { request_id } = await client.submit({ payload: { ...panda.payload, prompt, image_output_format: 'jpeg' } });
  const reply = performance.now();
  await succeed(client, request_id);
  const arrival = upstream.arrivalOf(prompt);
  if (arrival === undefined) throw new Error(`The call for "${prompt}" never reached the upstream.`);
  return { fromStart: arrival - start, fromReply: arrival - reply };
}

/** What Darkroom adds to an upstream call, as seen by a client that waits. */
export async function measurePath(options: BenchOptions): Promise<Section> {
  const jpeg = await drawJpeg(1024);
  await using upstream = await startStubUpstream({ jpeg, delayMs: upstreamMs });
  await using proxy = await startStreamingProxy(upstream.url);
  await using darkroom = await startDarkroom({ ...options, settings: toUpstreamSettings(upstream.url) });
  const compare = async (format: 'jpeg' | 'png') => {
    const through = (round: number) => callThrough(darkroom.client, `Round ${round} in ${format}`, format);
    const others = async (round: number): Promise<Anchors> => ({
      direct: await callDirectly(upstream.url, `Round ${round} directly`),
      proxied: await callDirectly(proxy.url, `Round ${round} by proxy`),
      encoded: format === 'png' ? await encodePng(jpeg) : 0,
    });
    await interleave(5, through, others);
    return toAddedFigures(format, await interleave(options.pictures, through, others));
  };
  return {
    title: 'The whole path',
    setup: `submit to success, waited for with Prefer: wait, against a direct call and a bare streaming proxy (undici, nothing kept); the upstream answers a 1K JPEG of ${Math.round(jpeg.length / 1000)} KB after ${upstreamMs} ms; ${options.pictures} requests each`,
    figures: [...(await compare('jpeg')), ...(await compare('png'))],
  };
}

/** What the time through Darkroom is compared with, in milliseconds, in the same round. */
interface Anchors {
  readonly direct: number;
  readonly proxied: number;
  /** The bare encoder; 0 where nothing is encoded. */
  readonly encoded: number;
}

async function encodePng(jpeg: Buffer): Promise<number> {
  const sharp = await loadSharp();
  const start = performance.now();
  await encode(sharp(jpeg, { sequentialRead: true }), { format: 'png' }).toBuffer();
  return performance.now() - start;
}

async function callThrough(client: Darkroom, prompt: string, format: 'jpeg' | 'png'): Promise<number> {
  const start = performance.now();
  const { request_id } = await client.submit({ payload: { ...panda.payload, prompt, image_output_format: format } });
  await succeed(client, request_id);
  return performance.now() - start;
}

/** The time to the last byte of the answer, in milliseconds. */
async function callDirectly(upstream: string, prompt: string): Promise<number> {
  const start = performance.now();
  const response = await callUpstream(upstream, prompt);
  await response.arrayBuffer();
  return performance.now() - start;
}

async function succeed(client: Darkroom, id: string): Promise<void> {
  const { status, error } = await client.wait(id, { signal: AbortSignal.timeout(30_000) });
  if (status !== 'success') throw new Error(`A request ended as ${status}: ${error}`);
}

function toAddedFigures(format: string, pairs: readonly { readonly a: number; readonly b: Anchors }[]): Figure[] {
  const through = median(pairs.map(({ a }) => a));
  const anchor = (key: keyof Anchors) => median(pairs.map(({ b }) => b[key]));
  const [direct, proxied, encoded] = [anchor('direct'), anchor('proxied'), anchor('encoded')];
  const detail = `through Darkroom ${formatNumber(through)} ms, directly ${formatNumber(direct)} ms (p50)`;
  if (format === 'jpeg')
    return [
      {
        name: 'added by a bare streaming proxy',
        value: proxied - direct,
        unit: 'ms',
        detail: `${formatNumber(proxied)} ms (p50)`,
      },
      { name: 'added, JPEG kept as JPEG', value: through - direct, unit: 'ms', detail, aim: { atMost: aimMs } },
    ];
  return [
    { name: 'added, JPEG made a PNG', value: through - direct, unit: 'ms', detail },
    {
      name: 'of it, over the bare encoder',
      value: through - direct - encoded,
      unit: 'ms',
      detail: `which takes ${formatNumber(encoded)} ms (p50)`,
      aim: { atMost: aimMs },
    },
  ];
}

const aimMs = 10;

function toLatencyFigure(name: string, values: readonly number[]): Figure {
  return { name, value: median(values), unit: 'ms', detail: `p50; p95 ${formatNumber(percentile(values, 95))} ms` };
}
