import { setTimeout as delay } from 'node:timers/promises';
import { callUpstream } from './direct-call.ts';
import type { BenchOptions } from './options.ts';
import { panda } from './panda.ts';
import { drawJpeg } from './picture.ts';
import { readMemory } from './process-figures.ts';
import { type DarkroomProcess, startDarkroom, startSandbox, toUpstreamSettings } from './processes.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { interleave, median } from './statistics.ts';
import { startStubUpstream } from './stub-upstream.ts';

/** A call of a client of a wire that is answered with the picture itself. */
interface WireCall {
  readonly wire: string;
  readonly path: string;
  readonly headers: (key: string) => Readonly<Record<string, string>>;
  readonly body: (prompt: string) => object;
}

const model = 'gemini-3-pro-image-preview';
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const googleKey = (key: string) => ({ 'x-goog-api-key': key });

const openAi: WireCall = {
  wire: 'OpenAI images, b64_json',
  path: '/v1/images/generations',
  headers: bearer,
  body: (prompt) => ({ model, prompt, size: '1024x1024', output_format: 'jpeg', response_format: 'b64_json' }),
};

const wireCalls: readonly WireCall[] = [
  openAi,
  {
    wire: 'chat completions',
    path: '/v1/chat/completions',
    headers: bearer,
    body: (prompt) => ({ model, modalities: ['image', 'text'], messages: [{ role: 'user', content: prompt }] }),
  },
  {
    wire: 'responses',
    path: '/v1/responses',
    headers: bearer,
    body: (prompt) => ({
      model,
      input: prompt,
      tools: [{ type: 'image_generation', size: '1024x1024', output_format: 'jpeg' }],
    }),
  },
  {
    wire: 'Gemini, generateContent',
    path: `/v1beta/models/${model}:generateContent`,
    headers: googleKey,
    body: (prompt) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { imageConfig: { aspectRatio: '1:1', imageSize: '1K' } },
    }),
  },
  {
    wire: 'Gemini, interactions',
    path: '/v1beta/interactions',
    headers: googleKey,
    body: (prompt) => ({
      model,
      input: prompt,
      response_format: { type: 'image', mime_type: 'image/jpeg', aspect_ratio: '1:1', image_size: '1K' },
    }),
  },
  {
    wire: 'fal, sync_mode',
    path: '/fal/run/fal-ai/nano-banana-pro',
    headers: (key) => ({ authorization: `Key ${key}` }),
    body: (prompt) => ({ prompt, output_format: 'jpeg', sync_mode: true }),
  },
  {
    wire: 'Replicate, Prefer: wait (the URL alone)',
    path: '/v1/models/google/nano-banana-pro/predictions',
    headers: (key) => ({ ...bearer(key), prefer: 'wait' }),
    body: (prompt) => ({ input: { prompt, resolution: '1K', aspect_ratio: '1:1', output_format: 'jpg' } }),
  },
];

const upstreamMs = 50;
const warmUps = 5;

/** What a blocking call by each wire adds to a direct call of the upstream, and the memory of large answers in base64. */
export async function measureWires(options: BenchOptions): Promise<Section> {
  const jpeg = await drawJpeg(1024);
  const added = await measureAdded(options, jpeg);
  return {
    title: 'Wires',
    setup: `blocking calls against direct calls of an upstream that answers a 1K JPEG of ${Math.round(jpeg.length / 1000)} KB after ${upstreamMs} ms, ${options.pictures} calls by each wire; then ${options.crowd} answers of 18 MB in base64 at the same time`,
    figures: [...added, await measureAnswers(options)],
  };
}

async function measureAdded(options: BenchOptions, jpeg: Buffer): Promise<readonly Figure[]> {
  await using upstream = await startStubUpstream({ jpeg, delayMs: upstreamMs });
  await using darkroom = await startDarkroom({ ...options, settings: toUpstreamSettings(upstream.url) });
  const figures: Figure[] = [];
  for (const wireCall of wireCalls) {
    const through = (round: number) => time(() => callWire(darkroom, wireCall, `Round ${round} by ${wireCall.wire}`));
    const direct = (round: number) => time(() => callUpstream(upstream.url, `Round ${round} beside ${wireCall.wire}`));
    await interleave(warmUps, through, direct);
    const pairs = await interleave(options.pictures, through, direct);
    const [by, beside] = [median(pairs.map(({ a }) => a)), median(pairs.map(({ b }) => b))];
    const detail = `${formatNumber(by)} ms, directly ${formatNumber(beside)} ms (p50)`;
    figures.push({ name: `added, ${wireCall.wire}`, value: by - beside, unit: 'ms', detail, aim: { atMost: 10 } });
  }
  return figures;
}

/** The time to the last byte of the answer, in milliseconds. */
async function time(call: () => Promise<Response>): Promise<number> {
  const start = performance.now();
  await (await call()).arrayBuffer();
  return performance.now() - start;
}

async function callWire({ url, key }: DarkroomProcess, call: WireCall, prompt: string): Promise<Response> {
  const response = await fetch(url + call.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...call.headers(key) },
    body: JSON.stringify(call.body(prompt)),
  });
  if (response.ok) return response;
  throw new Error(`A call by ${call.wire} was answered with ${response.status}: ${await response.text()}`);
}

const pictureBytes = 18_000_000;
const largePrompt = `${panda.payload.prompt} [[sandbox bytes=18MB]]`;
const settleMs = 1_000;

/** The server's memory while many large pictures are made and answered in base64 at the same time. */
async function measureAnswers(options: BenchOptions): Promise<Figure> {
  await using sandbox = await startSandbox(options.bin);
  const settings = { ...toUpstreamSettings(sandbox.url), DARKROOM_CONCURRENCY: String(options.crowd) };
  await using darkroom = await startDarkroom({ ...options, settings });
  await delay(settleMs);
  const idle = (await readMemory(darkroom.pid)).now;
  await Promise.all(Array.from({ length: options.crowd }, () => readAnswer(darkroom)));
  const { peak } = await readMemory(darkroom.pid);
  return {
    name: `memory over idle, ${options.crowd} pictures of 18 MB by b64_json`,
    value: (peak - idle) / 1e6,
    unit: 'MB',
    detail: `resident: idle ${formatNumber(idle / 1e6)} MB, peak ${formatNumber(peak / 1e6)} MB`,
    aim: { atMost: 200 },
  };
}

/** Reads an answer without keeping it. Rejects unless its picture came whole, in as many characters as it must have. */
async function readAnswer(darkroom: DarkroomProcess): Promise<void> {
  const response = await callWire(darkroom, openAi, largePrompt);
  const key = '"b64_json":"';
  let characters = 0;
  let isInside = false;
  for await (const chunk of response.body ?? []) {
    const text = Buffer.from(chunk).toString('latin1');
    if (!isInside && !text.includes(key)) continue;
    const start = isInside ? 0 : text.indexOf(key) + key.length;
    isInside = true;
    const end = text.indexOf('"', start);
    characters += (end < 0 ? text.length : end) - start;
    if (end >= 0) break;
  }
  await response.body?.cancel();
  if (characters !== Math.ceil(pictureBytes / 3) * 4)
    throw new Error(`The answer has ${characters} characters of base64.`);
}
