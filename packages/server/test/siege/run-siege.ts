import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Darkroom } from '@darkroom/client';
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
  readonly submits: number;
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
    const other = new Darkroom({ baseUrl: server.url, apiKey: await createKey('other'), maxRetries: 0 });
    await other.submit({ payload: { prompt: 'before the siege' } });
    const besieger = fork(path.join(import.meta.dirname, 'besieger.ts'), [JSON.stringify(target), String(seconds)]);
    const ended = once(besieger, 'exit');
    await once(besieger, 'message');
    let report: BesiegerReport | undefined;
    besieger.on('message', (message) => {
      report = message as BesiegerReport; // the besieger sends nothing else
    });
    const { ms, refused } = await submitUntil(other, ended);
    if (!report) throw new Error('The besieger ended early.');
    return {
      peakBytes: await readPeak(server.pid),
      submitMs: { median: toQuantile(ms, 0.5), p99: toQuantile(ms, 0.99) },
      submits: ms.length,
      refused,
      besieger: report,
      errors: server.errors,
    };
  } finally {
    await server.remove();
  }
}

/** Submits about twenty times a second, each at its planned time, so that a server that hangs is still called. */
async function submitUntil(client: Darkroom, ended: Promise<unknown>) {
  const ms: number[] = [];
  const refused: string[] = [];
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
  });
  const submits: Promise<void>[] = [];
  while (!isOver) {
    submits.push(submitOnce(client, ms, refused));
    await Promise.race([sleep(50), over]);
  }
  await Promise.all(submits);
  return { ms, refused };
}

async function submitOnce(client: Darkroom, ms: number[], refused: string[]): Promise<void> {
  const start = performance.now();
  try {
    await client.submit({ payload: { prompt: 'business as usual' } });
  } catch (error) {
    refused.push(toReason(error));
  }
  ms.push(performance.now() - start);
}

/** With what is behind it: `fetch failed` alone does not say whether the server closed a connection or the client gave up. */
function toReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? String(error) : `${error}: ${toReason(cause)}`;
}

function toQuantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The largest resident size that the process ever had, according to Linux. */
async function readPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

export function toSummary({ peakBytes, submitMs, submits, refused, besieger, errors }: SiegeReport): string {
  const answers = Object.entries(besieger).map(([name, counts]) => `  ${name}: ${JSON.stringify(counts)}`);
  return [
    `The server's largest resident size: ${Math.round(peakBytes / 2 ** 20)} MiB.`,
    `${submits} submits of the other organization: median ${submitMs.median.toFixed(1)} ms, p99 ${submitMs.p99.toFixed(1)} ms; ${refused.length} refused.`,
    ...new Set(refused),
    'What the besieger was answered:',
    ...answers,
    ...(errors === '' ? [] : ['What the server logged:', errors.slice(0, 4_000)]),
  ].join('\n');
}
