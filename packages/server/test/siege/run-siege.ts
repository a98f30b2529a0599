import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Darkroom } from '@darkroom/client';
import { Agent, fetch } from 'undici';
import { DarkroomProcess } from '../darkroom-process.ts';
import type { BesiegerReport } from './besieger.ts';
import type { Target } from './target.ts';

/**
 * The siege: one organization does everything at once that can hurt a server (oversized payloads, lists of them,
 * uploads, streams, pictures that are expensive to decode, webhook endpoints, readers that do not read), while another
 * submits as usual. The server's heap is limited to 512 MB, and its resident size is watched.
 */
export interface SiegeReport {
  readonly peakBytes: number;
  /** How long the other organization's submits took, in milliseconds. */
  readonly submitMs: { readonly median: number; readonly p99: number };
  /**
   * How much processor time the server's main thread spent between such a submit and its answer, in milliseconds: what the submit
   * had to wait for in Darkroom. Other processes on the machine do not change it.
   */
  readonly submitWorkMs: { readonly median: number; readonly p99: number };
  readonly submits: number;
  /** How many of the submits of the first half of the siege were answered before its end. */
  readonly early: { readonly submits: number; readonly answered: number };
  /** Submits of the other organization that were not answered 200. */
  readonly refused: readonly string[];
  readonly besieger: BesiegerReport;
  /** What the server logged as an error. */
  readonly errors: string;
}

const heapMegabytes = 512;

export async function runSiege({
  seconds,
  lines,
}: {
  readonly seconds: number;
  readonly lines: number;
}): Promise<SiegeReport> {
  const server = await DarkroomProcess.start({
    NODE_OPTIONS: `--max-old-space-size=${heapMegabytes}`,
    DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1',
  });
  try {
    const admin = await server.admin();
    const createKey = async (organization: string) =>
      (await admin.createKey({ name: organization, organization_ids: [organization] })).api_key;
    const target: Omit<Target, 'endsAt'> = {
      url: server.url,
      key: await createKey('besieger'),
      revokedKey: await createKey('besieger'),
      adminKey: await server.key(),
      lines,
    };
    const other = new Darkroom({
      baseUrl: server.url,
      apiKey: await createKey('other'),
      maxRetries: 0,
      fetch: fetchPatiently,
    });
    await other.submit({ payload: { prompt: 'before the siege' } });
    const besieger = fork(path.join(import.meta.dirname, 'besieger.ts'), [JSON.stringify(target), String(seconds)]);
    const ended = once(besieger, 'exit');
    await once(besieger, 'message');
    let report: BesiegerReport | undefined;
    besieger.on('message', (message) => {
      report = message as BesiegerReport; // the besieger sends nothing else
    });
    const submits = await submitUntil(ended, { client: other, pid: server.pid });
    if (!report) throw new Error('The besieger ended early.');
    return {
      ...toFigures(submits),
      peakBytes: await readPeak(server.pid),
      besieger: report,
      errors: server.errors,
    };
  } finally {
    await server.remove();
  }
}

/** A client that waits for a connection and an answer as long as the siege and a busy machine take. */
const patience = new Agent({ connect: { timeout: 0 }, headersTimeout: 0, bodyTimeout: 0 });

const fetchPatiently: typeof globalThis.fetch = async (url, request) => {
  // The types of undici are those of Node's own fetch, under another name.
  const options = { ...request, dispatcher: patience } as Parameters<typeof fetch>[1];
  return (await fetch(String(url), options)) as unknown as Response;
};

interface Submit {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly workMs: number;
  readonly refusal: string | undefined;
}

interface Customer {
  readonly client: Darkroom;
  /** The server's. */
  readonly pid: number;
}

/** Submits about twenty times a second, each at its planned time, so that a server that hangs is still called. */
async function submitUntil(ended: Promise<unknown>, customer: Customer) {
  const startedAt = performance.now();
  let overAt = Number.POSITIVE_INFINITY;
  const over = ended.then(() => {
    overAt = performance.now();
  });
  const submits: Promise<Submit>[] = [];
  while (overAt === Number.POSITIVE_INFINITY) {
    submits.push(submitOnce(customer));
    await Promise.race([sleep(50), over]);
  }
  return { startedAt, overAt, submits: await Promise.all(submits) };
}

async function submitOnce({ client, pid }: Customer): Promise<Submit> {
  const startedAt = performance.now();
  const workBefore = readWorkMs(pid);
  const refusal = await client.submit({ payload: { prompt: 'business as usual' } }).then(() => undefined, toReason);
  return { startedAt, endedAt: performance.now(), workMs: readWorkMs(pid) - workBefore, refusal };
}

function toFigures({ startedAt, overAt, submits }: Awaited<ReturnType<typeof submitUntil>>) {
  const early = submits.filter((submit) => submit.startedAt < (startedAt + overAt) / 2);
  return {
    submitMs: toQuantiles(submits.map((submit) => submit.endedAt - submit.startedAt)),
    submitWorkMs: toQuantiles(submits.map(({ workMs }) => workMs)),
    submits: submits.length,
    early: { submits: early.length, answered: early.filter(({ endedAt }) => endedAt < overAt).length },
    refused: submits.flatMap(({ refusal }) => refusal ?? []),
  };
}

/** With what is behind it: `fetch failed` alone does not say whether the server closed a connection or the client gave up. */
function toReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? String(error) : `${error}: ${toReason(cause)}`;
}

function toQuantiles(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p99: at(0.99) };
}

/** The largest resident size that the process ever had, according to Linux. */
async function readPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

/** The processor time of the main thread so far, in milliseconds, to the nanosecond: Linux's `schedstat`. */
function readWorkMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

export function toSummary(report: SiegeReport): string {
  const { peakBytes, submitMs, submitWorkMs, submits, early, refused, besieger, errors } = report;
  const answers = Object.entries(besieger).map(([name, counts]) => `  ${name}: ${JSON.stringify(counts)}`);
  return [
    `The server's largest resident size: ${Math.round(peakBytes / 2 ** 20)} MiB.`,
    `${submits} submits of the other organization: median ${submitMs.median.toFixed(1)} ms, p99 ${submitMs.p99.toFixed(1)} ms; ${refused.length} refused.`,
    `Between a submit and its answer, the server's main thread worked ${submitWorkMs.median.toFixed(1)} ms (median), ${submitWorkMs.p99.toFixed(1)} ms (p99).`,
    `${early.answered} of the ${early.submits} submits of the first half were answered before the siege was over.`,
    ...new Set(refused),
    'What the besieger was answered:',
    ...answers,
    ...(errors === '' ? [] : ['What the server logged:', errors.slice(0, 4_000)]),
  ].join('\n');
}
