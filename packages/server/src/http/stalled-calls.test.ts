import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useApp } from '../../test/app-harness.ts';
import { endStalledCalls, stalledAfterMs } from './stalled-calls.ts';

const stalledMs = 600;
/** More than the sockets of both sides buffer by themselves. */
const largeBytes = 64 * 1024 * 1024;

describe('calls whose client has stopped', () => {
  let app: FastifyInstance;
  let port: number;
  let sent: number;
  const over: { readonly name: string; readonly at: number }[] = [];
  const sockets: net.Socket[] = [];

  beforeEach(async () => {
    over.length = 0;
    sent = 0;
    app = fastify({ forceCloseConnections: true });
    endStalledCalls(app.server, stalledMs);
    app.addContentTypeParser('*', (_request, body, done) => done(null, body));
    app.addHook('onRequest', async ({ url }, { raw }) => {
      raw.once('close', () => over.push({ name: url, at: performance.now() }));
    });
    app.get('/stream', (_request, reply) => reply.send(Readable.from(pieces())));
    app.get('/text', (_request, reply) => reply.send('a'.repeat(largeBytes)));
    app.get('/wait', async () => {
      await pause(4 * stalledMs);
      return 'late';
    });
    app.put('/body', async ({ body }) => {
      for await (const chunk of body as Readable) sent += chunk.length; // as the parser gave it
      return { sent };
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    port = (app.server.address() as net.AddressInfo).port; // it listens on a port
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await app.close();
  });

  async function* pieces() {
    for (let left = largeBytes; left > 0; left -= 65_536) yield Buffer.alloc(65_536);
  }

  async function ask(text: string): Promise<net.Socket> {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  }

  const get = (path: string) => ask(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const isOver = async (path: string) => {
    while (!over.some(({ name }) => name === path)) await pause(20);
  };

  it.each(['/stream', '/text'])('end when nothing of the answer is read: %s', async (path) => {
    const socket = await get(path);
    socket.pause();
    await isOver(path);
  });

  it('go on as long as the answer is read, however slowly', async () => {
    const socket = await get('/text');
    const startedAt = performance.now();
    let taken = 0;
    while (performance.now() - startedAt < 4 * stalledMs) {
      taken += socket.read()?.length ?? 0;
      await pause(5);
    }
    expect(over).toEqual([]);
    expect(taken).toBeLessThan(largeBytes);
    socket.on('data', (chunk) => {
      taken += chunk.length;
    });
    await isOver('/text');
    expect(taken).toBeGreaterThan(largeBytes * 0.9);
  });

  it('go on while the client waits for the service', async () => {
    const socket = await get('/wait');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('late');
  });

  it('end when a body stops in the middle, and go on while it arrives slowly', async () => {
    const head = (length: number) =>
      `PUT /body HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: ${length}`;
    const slow = await ask(`${head(12)}\r\n\r\n`);
    for (let index = 0; index < 12; index += 1) {
      await pause(stalledMs / 4);
      slow.write('a');
    }
    expect(String((await once(slow, 'data'))[0])).toContain('{"sent":12}');
    over.length = 0;
    await ask(`${head(1_000)}\r\n\r\naaaa`);
    await isOver('/body');
    expect(sent).toBe(16);
  });
});

describe('the app', () => {
  const current = useApp();

  it('ends every call whose client has stopped, on every route', async () => {
    const { app } = current.current;
    const url = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const timeouts: (number | undefined)[] = [];
    app.server.on('request', ({ socket }) => timeouts.push(socket.timeout));
    const paths = ['/media/none.png', '/nothing', '/', '/docs/'];
    for (const path of paths) await (await fetch(new URL(path, url))).text();
    expect(timeouts).toEqual(paths.map(() => stalledAfterMs));
  });
});
