import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchOptions } from './options.ts';
import { panda, requestsPath } from './panda.ts';
import { readCpuMs, readMemory } from './process-figures.ts';
import { type ServerProcess, startBareCrowd, startDarkroom, toUpstreamSettings } from './processes.ts';
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

const greeting = 'event: status';
const end = '"status":"cancelled"';
const streams: Way = {
  name: 'streams',
  path: (id) => `${requestsPath}/${id}/events`,
  headers: 'accept: text/event-stream\r\n',
  greeting,
};
const waits: Way = {
  name: 'waits',
  path: (id) => `${requestsPath}/${id}`,
  headers: 'prefer: wait=600\r\n',
  greeting: undefined,
};

/** Many clients that wait for one request: what each costs, and when the last one learns that the request has ended. */
export async function measureWaits(options: BenchOptions): Promise<Section> {
  const ofBare = await measureBare(options);
  const ofStreams = await measureDarkroom(streams, options);
  const ofWaits = await measureDarkroom(waits, options);
  return {
    title: 'Waiting clients',
    setup: `${options.clients} clients of one server, each with its own connection, wait for the same request, which is then cancelled; first all with streams, then, with another server, all with Prefer: wait; the clients run on the same cores; a bare Node HTTP server that ends as many open answers with a text of the same length is the anchor`,
    figures: [
      ...toFigures('bare answers', ofBare),
      ...toFigures(streams.name, ofStreams, aims),
      ...toRatios('streams', ofStreams, ofBare),
      ...toFigures(waits.name, ofWaits),
      ...toRatios('waits', ofWaits, ofBare),
    ],
  };
}

interface Measured {
  /** Resident, in bytes. */
  readonly before: number;
  readonly waiting: number;
  readonly peak: number;
  readonly clients: number;
  /** Until each client had learned of the end. */
  readonly toldMs: readonly number[];
  readonly endMs: number;
  readonly toldCpuMs: number;
  /** In a second in which nothing happens. */
  readonly idleCpuMs: number;
}

/** What a stream may take, and the last of 10,000. */
const aims = { kilobytes: { atMost: 10 }, toldMs: { atMost: 250 } };

function toFigures(name: string, measured: Measured, aim?: typeof aims): readonly Figure[] {
  const { before, waiting, peak, toldMs, endMs, toldCpuMs, idleCpuMs } = measured;
  const inMB = (bytes: number) => (bytes / 1e6).toFixed(0);
  return [
    {
      name: `memory of one of the ${name}`,
      value: toBytesEach(measured) / 1e3,
      unit: 'KB',
      ...(aim && { aim: aim.kilobytes }),
      detail: `resident: before ${inMB(before)} MB, waiting ${inMB(waiting)} MB, peak ${inMB(peak)} MB`,
    },
    {
      name: `to the last of the ${name}`,
      value: Math.max(...toldMs),
      unit: 'ms',
      ...(aim && { aim: aim.toldMs }),
      detail: `from the start of the end, which took ${endMs.toFixed(0)} ms; to the first ${Math.min(...toldMs).toFixed(0)} ms`,
    },
    { name: `CPU to tell the ${name}`, value: toldCpuMs, unit: 'ms', detail: 'of the server, for all of them' },
    { name: `CPU of the ${name} in a second`, value: idleCpuMs, unit: 'ms', detail: 'while nothing happens' },
  ];
}

function toRatios(name: string, measured: Measured, bare: Measured): readonly Figure[] {
  const toRatio = (what: string, of: (one: Measured) => number): Figure => ({
    name: `${what}, ${name} to bare`,
    value: of(measured) / of(bare),
    unit: 'ratio',
  });
  return [
    toRatio('memory of one', toBytesEach),
    toRatio('to the last', ({ toldMs }) => Math.max(...toldMs)),
    toRatio('CPU to tell', ({ toldCpuMs }) => toldCpuMs),
  ];
}

function toBytesEach({ waiting, before, clients }: Measured): number {
  return (waiting - before) / clients;
}

async function measureDarkroom(way: Way, options: BenchOptions): Promise<Measured> {
  // The worker's only call never ends.
  await using upstream = await startStubUpstream();
  const settings = {
    ...toUpstreamSettings(upstream.url),
    DARKROOM_CONCURRENCY: '1',
    DARKROOM_MAX_STREAMS: `${options.clients}`,
  };
  await using darkroom = await startDarkroom({ ...options, settings });
  const { request_id: id } = await darkroom.client.submit(panda);
  const headers = `authorization: Bearer ${darkroom.key}\r\n${way.headers}`;
  return await measureCrowd(darkroom, {
    call: { path: way.path(id), headers, greeting: way.greeting },
    clients: options.clients,
    end: () => darkroom.client.cancel(id),
  });
}

/** About as long as the event and the record that end a stream. */
const bareEnd = `data: {${end},${'x'.repeat(1_200)}}\n\n`;

async function measureBare({ clients }: BenchOptions): Promise<Measured> {
  await using bare = await startBareCrowd([`${greeting}\n\n`, bareEnd]);
  return await measureCrowd(bare, {
    call: { path: '/', headers: streams.headers, greeting },
    clients,
    end: () => fetch(bare.url, { method: 'POST' }),
  });
}

interface CrowdOptions {
  readonly call: Pick<Way, 'headers' | 'greeting'> & { readonly path: string };
  readonly clients: number;
  readonly end: () => Promise<unknown>;
}

async function measureCrowd(server: ServerProcess, { call, clients, end }: CrowdOptions): Promise<Measured> {
  await delay(settleMs);
  const before = (await readMemory(server.pid)).now;
  await using crowd = await connectCrowd(server, call, clients);
  // Until the keep-alives of the streams, the server's polls and the initial garbage have settled.
  await delay(settleMs);
  const waiting = (await readMemory(server.pid)).now;
  const idleCpuMs = await measureCpu(server);
  const cpuBefore = await readCpuMs(server.pid);
  const start = performance.now();
  await end();
  const endMs = performance.now() - start;
  const toldMs = (await Promise.all(crowd.told)).map((at) => at - start);
  const toldCpuMs = (await readCpuMs(server.pid)) - cpuBefore;
  const { peak } = await readMemory(server.pid);
  return { before, waiting, peak, clients, toldMs, endMs, toldCpuMs, idleCpuMs };
}

async function measureCpu({ pid }: ServerProcess): Promise<number> {
  const seconds = 5;
  const before = await readCpuMs(pid);
  await delay(seconds * 1_000);
  return ((await readCpuMs(pid)) - before) / seconds;
}

interface Crowd extends AsyncDisposable {
  /** When each client learned of the end. */
  readonly told: readonly Promise<number>[];
}

async function connectCrowd({ url }: ServerProcess, call: CrowdOptions['call'], count: number): Promise<Crowd> {
  const { hostname, port } = new URL(url);
  const text = `GET ${call.path} HTTP/1.1\r\nhost: ${hostname}\r\n${call.headers}\r\n`;
  const sockets: Socket[] = [];
  const told: Promise<number>[] = [];
  while (sockets.length < count) {
    const clients = Array.from({ length: Math.min(batch, count - sockets.length) }, () => {
      const socket = createConnection({ host: hostname, port: Number(port) });
      sockets.push(socket);
      return listen(socket, { call: text, greeting: call.greeting });
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
    if (text.includes(end)) told.resolve(performance.now());
  });
  socket.once('error', fail).once('close', () => fail(undefined));
  once(socket, 'connect').then(() => {
    socket.write(call);
    if (greeting === undefined) isThere.resolve();
  }, fail);
  return { told: told.promise, isThere: isThere.promise };
}
