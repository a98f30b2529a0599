import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Dispatcher, Pool } from 'undici';
import type { BenchOptions } from './options.ts';
import { panda, requestsPath } from './panda.ts';
import { type DarkroomProcess, startDarkroom } from './processes.ts';
import { type Figure, formatNumber, type Section } from './report.ts';
import { interleave, median, percentile } from './statistics.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

const submitsPerSecond = 1_000;
const flushMs = 10;
/** A read is due this often. */
const readEveryMs = 5;
const readConnections = 16;

/**
 * Status reads while submits arrive at a disk that takes 10 ms for each flush, and at the disk of this machine. A library that the
 * server loads makes flushes slow, whoever calls them, so this needs the C compiler `cc` and Linux.
 */
export async function measureSlowDisk(options: BenchOptions): Promise<Section> {
  await using place = await createTemporaryFolder(options.folder);
  const library = await buildSlowFlush(place.path);
  const settings = { DARKROOM_MAX_QUEUED: '10000000' };
  await using slow = await startDarkroom({ ...options, role: 'api', settings: { ...settings, LD_PRELOAD: library } });
  await using fast = await startDarkroom({ ...options, role: 'api', settings });
  const load = (server: DarkroomProcess) => () => readUnderSubmits(server, options);
  await interleave(1, load(slow), load(fast));
  const pairs = await interleave(options.rounds, load(slow), load(fast));
  const ofSlow = pairs.map(({ a }) => a);
  const ofFast = pairs.map(({ b }) => b);
  return {
    title: 'A slow disk',
    setup: `${submitsPerSecond} submits a second by ${options.connections} connections, and a status read every ${readEveryMs} ms by ${readConnections} others, counted from when it is due; each flush takes ${flushMs} ms, or as long as it does here`,
    figures: [toFigure('status reads, slow disk', ofSlow, { atMost: 5 }), toFigure('status reads, this disk', ofFast)],
  };
}

interface Times {
  readonly reads: readonly number[];
  readonly submits: { readonly p50: number; readonly p99: number; readonly perSecond: number };
}

function toFigure(name: string, rounds: readonly Times[], aim?: Figure['aim']): Figure {
  const p50 = median(rounds.map(({ reads }) => percentile(reads, 50)));
  const submits = (figure: keyof Times['submits']) =>
    formatNumber(median(rounds.map((round) => round.submits[figure])));
  return {
    name,
    value: median(rounds.map(({ reads }) => percentile(reads, 99))),
    unit: 'ms',
    ...(aim && { aim }),
    detail: `p99; p50 ${formatNumber(p50)} ms; submits ${submits('perSecond')} a second, p50 ${submits('p50')} ms, p99 ${submits('p99')} ms`,
  };
}

async function readUnderSubmits({ url, key, client }: DarkroomProcess, options: BenchOptions): Promise<Times> {
  const { request_id: id } = await client.submit(panda);
  await using owned = new AsyncDisposableStack();
  const connect = (connections: number) => owned.adopt(new Pool(url, { connections }), (open) => open.close());
  // Separate ones: while all connections wait for submits, a read would wait in the client.
  const [submitters, readers] = [connect(options.connections), connect(readConnections)];
  const authorization = `Bearer ${key}`;
  const body = JSON.stringify(panda);
  const headers = { authorization, 'content-type': 'application/json' };
  const submit = () => call(submitters, { path: requestsPath, method: 'POST', headers, body });
  const read = () => call(readers, { path: `${requestsPath}/${id}`, method: 'GET', headers: { authorization } });
  const begun = performance.now();
  const [submits, reads] = await Promise.all([
    keepPace(1_000 / submitsPerSecond, options.seconds, submit),
    keepPace(readEveryMs, options.seconds, read),
  ]);
  const perSecond = submits.length / ((performance.now() - begun) / 1_000);
  return { reads, submits: { p50: percentile(submits, 50), p99: percentile(submits, 99), perSecond } };
}

async function call(pool: Pool, options: Dispatcher.RequestOptions): Promise<void> {
  const { statusCode, body } = await pool.request(options);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${options.method} was answered ${statusCode}: ${text}`);
}

/** Calls are due at a steady pace, however long they take: how long each took, in milliseconds from when it was due. */
async function keepPace(everyMs: number, seconds: number, make: () => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  const calls: Promise<void>[] = [];
  const begun = performance.now();
  for (let due = begun; due < begun + seconds * 1_000; due += everyMs) {
    const early = due - performance.now();
    if (early > 0) await delay(early);
    calls.push(make().then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(calls);
  return times;
}

async function buildSlowFlush(folder: string): Promise<string> {
  const source = path.join(folder, 'slow-flush.c');
  const library = path.join(folder, 'slow-flush.so');
  await writeFile(source, slowFlush);
  await promisify(execFile)('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl']);
  return library;
}

const slowFlush = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static int slow(const char *name, int file) {
  struct timespec pause = {0, ${flushMs} * 1000000L};
  nanosleep(&pause, 0);
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}
int fdatasync(int file) { return slow("fdatasync", file); }
int fsync(int file) { return slow("fsync", file); }
`;
