import net, { type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { submitOne } from '../../../store/contract/fixtures.ts';

const app = useApp();

it('gives a reader of a large record at most a few pieces in advance, and shares one copy among many readers', async () => {
  // Larger than the buffers of both sockets; rows from before payloads had a limit may be this large.
  const payload = JSON.stringify({ prompt: 'a', note: 'ä'.repeat(8_000_000) });
  const { store } = app.current;
  const id = await submitOne(store.requests, { organizationId: 'default', payload });
  const sockets: Socket[] = [];
  app.current.app.server.on('connection', (socket) => sockets.push(socket));
  const { port } = new URL(await app.current.app.listen({ port: 0, host: '127.0.0.1' }));
  const readers = Array.from({ length: 20 }, () => {
    const reader = net.connect(Number(port), '127.0.0.1').pause();
    reader.write(`GET ${requestsUrl}/${id} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${app.current.key}\r\n\r\n`);
    return reader;
  });
  while (sockets.length < 20 || !sockets.every((socket) => socket.writableNeedDrain)) await setTimeout(10);
  for (const socket of sockets) expect(socket.writableLength).toBeLessThan(512 * 1024);
  expect(await store.requests.find('default', id)).toBe(await store.requests.find('default', id));
  for (const reader of readers) reader.destroy();
  const whole = (await app.current.call({ url: `${requestsUrl}/${id}` })).body;
  expect(whole).toContain(`"payload":${payload},"outcome":null`);
});
