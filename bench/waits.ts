import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchOptions } from './options.ts';
import { panda, requestsPath } from './panda.ts';
import { readCpuMs, readMemory } from './process-figures.ts';
import { type DarkroomProcess, startDarkroom, toUpstreamSettings } from './processes.ts';
import type { Figure, Section } from './report.ts';
import { startStubUpstream } from './stub-upstream.ts';

/** This many connections are made at the same time: fewer than the server's backlog. */
const batch = 200;
const settleMs = 3_000;
const patienceMs = 120_000;

interface Way {
  readonly name: string;
  readonly path: (id: string) => string;
  readonly headers: string;
  /** What a client receives once it is connected, if anything before the end. */
  readonly greeting: string | undefined;
}

const ways: readonly Way[] = [
  {
    name: 'streams',
    path: (id) => `${requestsPath}/${id}/events`,
    headers: 'accept: text/event-stream\r\n',
    greeting: 'event: status',
  },
  { name: 'waits', path: (id) => `${requestsPath}/${id}`, headers: 'prefer: wait=600\r\n', greeting: undefined },
];

/** Many clients that wait for one request: what each costs, and when the last one learns that the request has ended. */
export async function measureWaits(options: BenchOptions): Promise<Section> {
  const figures: Figure[] = [];
  for (const way of ways) figures.push(...(await measureWay(way, options)));
  return {
    title: 'Waiting clients',
    setup: `${options.clients} clients of one server, each with its own connection, wait for the same request, which is then cancelled; first all with streams, then, with another server, all with Prefer: wait; the clients run on the same cores`,
    figures,
  };
}

async function measureWay(way: Way, options: BenchOptions): Promise<readonly Figure[]> {
  // The worker's only call never ends.
  await using upstream = await startStubUpstream();
  const settings = {
    ...toUpstreamSettings(upstream.url),
    DARKROOM_CONCURRENCY: '1',
    DARKROOM_MAX_STREAMS: `${options.clients}`,
  };
  await using darkroom = await startDarkroom({ ...options, settings });
  const { request_id: id } = await darkroom.client.submit(panda);
  await delay(settleMs);
  const before = (await readMemory(darkroom.pid)).now;
  await using crowd = await connectCrowd(way, { darkroom, id, count: options.clients });
  // Until the keep-alives of the streams, the server's polls and the initial garbage have settled.
  await delay(settleMs);
  const waiting = (await readMemory(darkroom.pid)).now;
  const idleMs = await measureCpu(darkroom);
  const cpuBefore = await readCpuMs(darkroom.pid);
  const start = performance.now();
  await darkroom.client.cancel(id);
  const cancelledMs = performance.now() - start;
  const told = (await Promise.all(crowd.told)).map((at) => at - start);
  const toldCpuMs = (await readCpuMs(darkroom.pid)) - cpuBefore;
  const { peak } = await readMemory(darkroom.pid);
  const inMB = (bytes: number) => (bytes / 1e6).toFixed(0);
  return [
    {
      name: `memory of one of the ${way.name}`,
      value: (waiting - before) / 1e3 / options.clients,
      unit: 'KB',
      detail: `resident: before ${inMB(before)} MB, waiting ${inMB(waiting)} MB, peak ${inMB(peak)} MB`,
    },
    {
      name: `to the last of the ${way.name}`,
      value: Math.max(...told),
      unit: 'ms',
      detail: `from the start of the cancel, which took ${cancelledMs.toFixed(0)} ms; to the first ${Math.min(...told).toFixed(0)} ms`,
    },
    { name: `CPU to tell the ${way.name}`, value: toldCpuMs, unit: 'ms', detail: 'of the server, for all of them' },
    { name: `CPU of the ${way.name} in a second`, value: idleMs, unit: 'ms', detail: 'while nothing happens' },
  ];
}

async function measureCpu({ pid }: DarkroomProcess): Promise<number> {
  const seconds = 5;
  const before = await readCpuMs(pid);
  await delay(seconds * 1_000);
  return ((await readCpuMs(pid)) - before) / seconds;
}

interface Crowd extends AsyncDisposable {
  /** When each client learned of the end. */
  readonly told: readonly Promise<number>[];
}

interface CrowdOptions {
  readonly darkroom: DarkroomProcess;
  readonly id: string;
  readonly count: number;
}

async function connectCrowd(way: Way, { darkroom, id, count }: CrowdOptions): Promise<Crowd> {
  const { hostname, port } = new URL(darkroom.url);
  const call = `GET ${way.path(id)} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${darkroom.key}\r\n${way.headers}\r\n`;
  const sockets: Socket[] = [];
  const told: Promise<number>[] = [];
  while (sockets.length < count) {
    const clients = Array.from({ length: Math.min(batch, count - sockets.length) }, () => {
      const socket = createConnection({ host: hostname, port: Number(port) });
      sockets.push(socket);
      return listen(socket, { call, greeting: way.greeting });
    });
    told.push(...clients.map((client) => client.told));
    await Promise.all(clients.map((client) => client.isThere));
  }
  return {
    told,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(socket: Socket, { call, greeting }: { readonly call: string; readonly greeting: string | undefined }) {
  const told = Promise.withResolvers<number>();
  const isThere = Promise.withResolvers<void>();
  const fail = (cause: unknown) => {
    const error = new Error('A client was cut off before it learned of the end.', { cause });
    told.reject(error);
    isThere.reject(error);
  };
  // Awaiting one of them reports the error.
  for (const promise of [told.promise, isThere.promise]) promise.catch(() => undefined);
  let text = '';
  socket.setEncoding('utf8').setTimeout(patienceMs, () => socket.destroy());
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (greeting !== undefined && text.includes(greeting)) isThere.resolve();
    if (text.includes('"status":"cancelled"')) told.resolve(performance.now());
  });
  socket.once('error', fail).once('close', () => fail(undefined));
  once(socket, 'connect').then(() => {
    socket.write(call);
    if (greeting === undefined) isThere.resolve();
  }, fail);
  return { told: told.promise, isThere: isThere.promise };
}
