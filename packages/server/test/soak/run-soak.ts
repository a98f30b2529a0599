import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeServer, type Server } from '../../src/compose.ts';
import { loadConfig, type SettingValues } from '../../src/config/load-config.ts';
import { housePrefix } from '../../src/http/prefixes.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { openSoakDatabase, openSoakFile, requestTables, type SoakDatabase } from './soak-database.ts';
import { startSoakUpstream } from './soak-upstream.ts';

/**
 * The soak: a whole Darkroom makes many small pictures while the requests that ended a moment ago are pruned. First it runs without
 * a retention, to compare the submits; then the same service, on the same data, prunes as fast as requests come. In the end
 * everything is over, and neither a row nor a file may be left.
 */
export interface SoakOptions {
  readonly requests: number;
  readonly retain: string;
  /** PostgreSQL; left out: SQLite. */
  readonly databaseUrl?: string;
  readonly perSecond: number;
  /** Called when so many have been submitted. */
  readonly onSubmitted?: (count: number) => void;
}

export interface SoakReport {
  readonly submitted: number;
  /** By the sums of usage, which outlive the requests. */
  readonly succeeded: number;
  readonly seconds: number;
  readonly submitMs: { readonly without: Quantiles; readonly pruning: Quantiles };
  /** In the second and in the last quarter of the time in which it pruned: the greatest. */
  readonly databaseMB: Levels;
  readonly diskFiles: Levels;
  readonly rows: Levels;
  readonly memoryMB: Levels;
  /** What was there after everything was over, by table; `files` are those in the storage and in the spool. */
  readonly left: Readonly<Record<string, number>>;
}

interface Quantiles {
  readonly median: number;
  readonly p99: number;
}

interface Levels {
  readonly second: number;
  readonly last: number;
}

interface Sample {
  readonly databaseMB: number;
  readonly diskFiles: number;
  readonly rows: number;
  readonly memoryMB: number;
}

/** The part of the requests that is made before anything is pruned. */
const shareWithout = 0.2;
const mostOpen = 200;
const sampleMs = 1_000;

export async function runSoak({
  requests,
  retain,
  databaseUrl,
  perSecond,
  onSubmitted,
}: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-soak-'));
  const upstream = await startSoakUpstream();
  const flags: SettingValues = {
    PORT: '0',
    LOG_LEVEL: 'silent',
    GEMINI_API_KEY: 'a-test-key',
    GEMINI_BASE_URL: upstream.url,
    DARKROOM_CONCURRENCY: '16',
    DARKROOM_RETAIN_TOMBSTONES: '3s',
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  };
  const start = async (more: SettingValues): Promise<Server> => {
    const config = loadConfig({ env: {}, flags: { ...flags, ...more }, folder });
    const server = await composeServer(config, createLogger(config.logLevel));
    await server.start();
    return server;
  };
  const begun = performance.now();
  let server = await start({});
  let database: SoakDatabase | undefined;
  try {
    const dataDir = path.join(folder, '.darkroom');
    const key = (await readFile(path.join(dataDir, 'api-key'), 'utf8')).trim();
    const first = Math.round(requests * shareWithout);
    const pace = { key, perSecond, answered: upstream.answered, ownTermsFrom: first, onSubmitted };
    const without = await submitMany({ ...pace, url: server.url, from: 0, to: first });
    await server.stop();
    server = await start({ DARKROOM_RETAIN: retain });
    database = await (databaseUrl === undefined
      ? openSoakFile(path.join(dataDir, 'darkroom.db'))
      : openSoakDatabase(databaseUrl));
    const samples = watch(database, dataDir);
    const ms = await submitMany({ ...pace, url: server.url, from: first, to: requests });
    const taken = await samples.stop();
    const succeeded = await untilSucceeded(server.url, key, requests);
    const left = await untilNothingIsLeft(database, dataDir);
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const submitMs = { without: toQuantiles(without), pruning: toQuantiles(ms) };
    return { submitted: requests, succeeded, seconds, submitMs, ...toLevels(taken), left };
  } finally {
    await server.stop();
    await database?.close();
    await upstream.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Pace {
  readonly url: string;
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
  readonly answered: () => number;
  /** From this one on, some say themselves how long they are kept. */
  readonly ownTermsFrom: number;
  readonly onSubmitted: SoakOptions['onSubmitted'];
}

/** Submits at a steady pace, and never far ahead of the upstream. Resolves to how long each submit took. */
async function submitMany(pace: Pace): Promise<readonly number[]> {
  const { url, key, from, to, perSecond, answered, ownTermsFrom, onSubmitted } = pace;
  const ms: number[] = [];
  const begun = performance.now();
  const line = async (first: number, lines: number) => {
    for (let index = first; index < to; index += lines) {
      await sleep(Math.max(0, begun + ((index - from) * 1_000) / perSecond - performance.now()));
      while (index - answered() > mostOpen) await sleep(5);
      const at = performance.now();
      await submit(url, key, toBody(index, index >= ownTermsFrom));
      ms.push(performance.now() - at);
      onSubmitted?.(from + ms.length);
    }
  };
  const lines = 8;
  await Promise.all(Array.from({ length: lines }, (_, index) => line(from + index, lines)));
  return ms;
}

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Of every ten, one has a picture inside its payload, and one says itself how long it is kept. */
function toBody(index: number, hasOwnTerms: boolean): object {
  const payload = {
    prompt: `A lighthouse, ${index}. ${'Sea and sky. '.repeat(20)}`,
    image_output_format: 'jpeg',
    ...(index % 10 === 0 && { image: `data:image/png;base64,${pixel}` }),
  };
  const own = hasOwnTerms && index % 10 === 1 && { retain_seconds: 3 };
  return { model: 'gemini-3-pro-image-preview', payload, ...own };
}

async function submit(url: string, key: string, body: object): Promise<void> {
  const response = await fetch(`${url}${housePrefix}/requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`A submit was answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** Looks at the sizes again and again until it is stopped. */
function watch(database: SoakDatabase, dataDir: string) {
  const samples: Sample[] = [];
  const stopping = new AbortController();
  const look = async () => {
    while (!stopping.signal.aborted) {
      samples.push({
        databaseMB: (await database.bytes()) / 2 ** 20,
        diskFiles: await countFiles(path.join(dataDir, 'media')),
        rows: await database.countRows('requests'),
        memoryMB: process.memoryUsage.rss() / 2 ** 20,
      });
      await sleep(sampleMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const looking = look();
  return {
    stop: async () => {
      stopping.abort();
      await looking;
      return samples;
    },
  };
}

async function countFiles(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  // The lock of the running process stays.
  return entries.filter((entry) => entry.isFile() && entry.name !== 'lock').length;
}

async function untilSucceeded(url: string, key: string, wanted: number): Promise<number> {
  let succeeded = 0;
  for (let tries = 0; tries < 600 && succeeded < wanted; tries += 1) {
    const response = await fetch(`${url}${housePrefix}/usage`, { headers: { authorization: `Bearer ${key}` } });
    const { total }: { total: { success: number } } = JSON.parse(await response.text());
    succeeded = total.success;
    if (succeeded < wanted) await sleep(100);
  }
  return succeeded;
}

/** Resolves to what is left when nothing goes any more, or when nothing is left. */
async function untilNothingIsLeft(database: SoakDatabase, dataDir: string): Promise<Record<string, number>> {
  for (let tries = 0; ; tries += 1) {
    const left: Record<string, number> = {
      files: (await countFiles(path.join(dataDir, 'media'))) + (await countFiles(path.join(dataDir, 'spool'))),
    };
    for (const table of requestTables) left[table] = await database.countRows(table);
    if (Object.values(left).every((count) => count === 0) || tries >= 900) return left;
    await sleep(500);
  }
}

function toLevels(samples: readonly Sample[]) {
  const quarter = (index: number) =>
    samples.slice(Math.floor((index * samples.length) / 4), Math.ceil(((index + 1) * samples.length) / 4));
  const level = (pick: (sample: Sample) => number): Levels => ({
    second: Math.max(0, ...quarter(1).map(pick)),
    last: Math.max(0, ...quarter(3).map(pick)),
  });
  return {
    databaseMB: level((sample) => sample.databaseMB),
    diskFiles: level((sample) => sample.diskFiles),
    rows: level((sample) => sample.rows),
    memoryMB: level((sample) => sample.memoryMB),
  };
}

function toQuantiles(ms: readonly number[]): Quantiles {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99) };
}

export function toSummary(name: string, report: SoakReport): string {
  const { submitMs, left } = report;
  const ratio = submitMs.pruning.p99 / submitMs.without.p99;
  const level = (what: string, { second, last }: Levels) => `  ${what.padEnd(24)} ${round(second)} then ${round(last)}`;
  const rest = Object.entries(left).filter(([, count]) => count > 0);
  return [
    `${name}: ${report.submitted.toLocaleString('en-US')} requests in ${report.seconds} s, ${report.succeeded.toLocaleString('en-US')} succeeded`,
    `  p99 of submits           ${round(submitMs.without.p99)} ms, ${round(submitMs.pruning.p99)} ms while pruning: ${ratio.toFixed(2)} times`,
    `  median of submits        ${round(submitMs.without.median)} ms, ${round(submitMs.pruning.median)} ms while pruning`,
    level('database, MB', report.databaseMB),
    level('files of pictures', report.diskFiles),
    level('requests', report.rows),
    level('memory, MB', report.memoryMB),
    `  left afterwards          ${rest.length === 0 ? 'nothing' : rest.map(([table, count]) => `${count} ${table}`).join(', ')}`,
  ].join('\n');
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
