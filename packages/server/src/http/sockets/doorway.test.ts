import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { EventSink } from '../event-sink.ts';
import { asksForStream } from './doorway.ts';
import { onAnswerOver, openDoorway, openLastingAnswer } from './open-answer.ts';

let app: FastifyInstance;
let sinks: EventSink[];
/** How many answers are over; each test counts its own. */
let count: { over: number };
const sockets: net.Socket[] = [];

beforeEach(async () => {
  sinks = [];
  const own = { over: 0 };
  count = own;
  app = fastify({ forceCloseConnections: 'idle', keepAliveTimeout: 75_000 });
  app.server.headersTimeout = 300;
  openDoorway(app.server, 600);
  app.get('/events', (_request, reply) => {
    onAnswerOver(reply.raw, () => {
      own.over += 1;
    });
    sinks.push(new EventSink(reply, systemClock, openLastingAnswer));
  });
  app.get('/refused/events', (_request, reply) => reply.code(401).send('no key'));
  app.get('/text', () => 'a text');
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  app.server.closeAllConnections();
  await app.close();
});

interface Client {
  readonly socket: net.Socket;
  text: string;
  isClosed: boolean;
}

async function connect(): Promise<Client> {
  const { port } = app.server.address() as net.AddressInfo; // it listens on a port
  const socket = net.connect({ port, host: '127.0.0.1' });
  const client: Client = { socket, text: '', isClosed: false };
  socket.setEncoding('utf8').on('data', (text: string) => {
    client.text += text;
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      client.isClosed = true;
    });
  sockets.push(socket);
  await once(socket, 'connect');
  return client;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(2);
}

const toHead = (path: string, ...headers: readonly string[]) =>
  [`GET ${path} HTTP/1.1`, 'host: a', ...headers, '', ''].join('\r\n');

/** Opens a stream; resolves when its head has arrived. */
async function open(head = toHead('/events')): Promise<Client & { readonly sink: EventSink }> {
  const client = await connect();
  client.socket.write(head);
  await until(() => client.text.includes('\r\n\r\n'));
  const sink = sinks.at(-1);
  if (!sink) throw new Error('No stream was opened.');
  return Object.assign(client, { sink });
}

describe('a stream whose answer leaves the HTTP server', () => {
  it('is sent byte for byte like one that stays', async () => {
    const answers = [];
    // A body, if an empty one, keeps it there.
    for (const head of [toHead('/events'), toHead('/events', 'content-length: 0')]) {
      const client = await open(head);
      client.sink.push('data: ä\n\n');
      await until(() => client.text.includes('data'));
      client.sink.pushLast('data: the end\n\n');
      await until(() => client.text.endsWith('0\r\n\r\n'));
      answers.push(client.text.replace(/\r\nDate: .*/, ''));
    }
    expect(answers[0]).toContain('\r\n\r\na\r\ndata: ä\n\n\r\n');
    expect(answers[1]).toBe(answers[0]);
    expect(count.over).toBe(2);
  });

  it.each([
    ['afterwards', true],
    ['before it ends, in pieces', false],
  ])('gives its connection to the call that comes %s', async (_name, isAfter) => {
    const client = await open();
    const end = async () => {
      client.sink.end();
      await until(() => client.text.includes('0\r\n\r\n'));
    };
    if (isAfter) await end();
    const next = toHead('/text');
    client.socket.write(next.slice(0, 9));
    await pause(20);
    client.socket.write(next.slice(9) + toHead('/events'));
    await pause(20);
    if (!isAfter) await end();
    await until(() => client.text.includes('a text') && sinks.length === 2);
    sinks[1]?.pushLast('data: second\n\n');
    await until(() => client.text.endsWith('second\n\n\r\n0\r\n\r\n'));
    expect(client.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  });

  it('lets the same connection have many streams and refusals, one after the other', async () => {
    const client = await connect();
    for (let number = 1; number <= 3; number += 1) {
      client.socket.write(toHead('/refused/events'));
      await until(() => client.text.endsWith('no key'));
      client.socket.write(toHead('/events'));
      await until(() => sinks.length === number);
      sinks[number - 1]?.end();
      await until(() => client.text.endsWith('0\r\n\r\n'));
    }
    expect(client.isClosed).toBe(false);
    expect(count.over).toBe(3);
  });

  it.each(['connection: close', 'host: b'])('ends as it was asked to: %s', async (header) => {
    const { text, socket, ...client } = await open(toHead('/events', header));
    client.sink.end();
    const isKept = header.startsWith('host');
    expect(/connection: keep-alive/i.test(text)).toBe(isKept);
    if (!isKept) await once(socket, 'close');
  });

  it('is over when its client goes away or ends its side', async () => {
    const [gone, ended] = [await open(), await open()];
    gone.socket.destroy();
    ended.socket.end();
    await until(() => count.over === 2);
    expect([gone.sink.isOver, ended.sink.isOver]).toEqual([true, true]);
    gone.sink.push('nothing\n\n');
    gone.sink.end();
  });

  it('is cut off when its client stops reading, and goes on while there is nothing to read', async () => {
    const [stuck, quiet] = [await open(), await open()];
    stuck.socket.pause();
    while (!stuck.sink.isBusy) {
      stuck.sink.push('a'.repeat(60_000));
      await pause(0);
    }
    await until(() => count.over === 1);
    expect([stuck.sink.isOver, quiet.sink.isOver]).toEqual([true, false]);
  });

  it('is over when the server closes all connections; idle ones are closed before', async () => {
    const [held, idle] = [await open(), await open()];
    idle.sink.end();
    await until(() => count.over === 1);
    app.server.headersTimeout = 60_000;
    const silent = await connect();
    await pause(20);
    const closed = app.close();
    await until(() => idle.isClosed);
    expect([held.isClosed, silent.isClosed]).toEqual([false, false]);
    app.server.closeAllConnections();
    await closed;
    await until(() => held.isClosed && silent.isClosed && count.over === 2);
  });

  it('does not keep its connection when it ends while the server closes', async () => {
    const client = await open();
    const closed = app.close();
    await pause(20);
    client.sink.pushLast('data: last\n\n');
    await closed;
    await until(() => client.isClosed);
    expect(client.text).toMatch(/data: last\n\n\r\n0\r\n\r\n$/);
  });
});

it('a connection on which nothing is asked is closed after the time for a head', async () => {
  const client = await connect();
  await until(() => client.isClosed);
});

it('a head that is no HTTP is refused', async () => {
  const client = await connect();
  client.socket.write('GET /events HTTP/1.1\r\nbad header\r\n\r\n');
  await until(() => client.isClosed);
  expect(client.text).toContain('400 Bad Request');
});

it.each([
  [true, toHead('/events')],
  [true, toHead('/a/events?last_event_id=3', 'Connection: keep-alive')],
  [false, toHead('/a/b')],
  [false, toHead('/eventses')],
  [false, toHead('/b?/events')],
  [false, toHead('/events', 'Content-Length: 3')],
  [false, toHead('/events', 'Transfer-Encoding: chunked')],
  [false, toHead('/events', 'Connection: Upgrade', 'Upgrade: a')],
  [false, toHead('/events', 'Connection: close')],
  [false, toHead('/events', 'Connection: keep-alive, x')],
  [false, toHead('/events').replace('1.1', '1.0')],
  [false, toHead('/events').replace('GET', 'POST')],
  [false, toHead('/events').slice(0, -1)],
  [false, toHead('/events') + toHead('/events')],
  [false, toHead('/events', `x: ${'a'.repeat(9_000)}`)],
])('may leave the server: %s (head %#)', (may, head) => {
  expect(asksForStream(Buffer.from(head))).toBe(may);
});
