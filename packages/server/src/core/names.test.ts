import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import { adminPrefix } from '../admin/admin-prefix.ts';
import { housePrefix } from '../http/prefixes.ts';

const app = useApp();
const nul = 'a\0b';
const half = 'a\ud800b';

describe('an address', () => {
  it.each([
    `${requestsUrl}/%00`,
    `${requestsUrl}/%00/attempts`,
    `${requestsUrl}/%00/events`,
    `${requestsUrl}?model_id=%00`,
    `${requestsUrl}?cursor=%00`,
    `${requestsUrl}?text=%00`,
    `${housePrefix}/webhooks/endpoints/%00`,
    `${housePrefix}/webhooks/deliveries?request_id=a%00`,
    `${housePrefix}/models/%00`,
    `${adminPrefix}/failed?organization_id=%00`,
    '/media/%00.png',
    '/assets/%00',
    '/%00',
  ])('that holds U+0000 is refused before it reaches any store: %s', async (url) => {
    const reply = await app.current.call({ url }, app.current.adminKey);
    expect([reply.statusCode, reply.json()]).toEqual([
      400,
      { code: 'invalid_request', error: 'The address contains %00, which is not allowed in a name.' },
    ]);
  });

  it.each([
    '/assets/../x',
    '/assets/%2e%2e/x',
    '/assets/',
    '/assets//etc/passwd',
    '/assets/a\\..\\b',
    '/assets/..%2fx',
  ])('of no file is not found, wherever it points: %s', async (path) => {
    expect(await getRaw(path)).toMatch(/^HTTP\/1\.1 404 .*"code":"not_found"\}$/s);
  });

  it('of no page of the documentation is not found, wherever it points', async () => {
    expect(await getRaw('/docs/../x')).toMatch(/^HTTP\/1\.1 404 .*<\/html>\s*$/s);
  });
});

describe('a name', () => {
  it.each([
    ['POST', `${adminPrefix}/keys`, { name: nul }, 'name'],
    ['POST', `${adminPrefix}/keys`, { name: 'a', organization_ids: ['b', half] }, 'organization_ids[1]'],
    ['PUT', `${adminPrefix}/budgets`, { scope: 'key', id: nul, period: 'day', limit_usd: 1 }, 'id'],
    ['POST', `${adminPrefix}/requeue`, { request_ids: [nul] }, 'request_ids[0]'],
    ['POST', `${housePrefix}/webhooks/endpoints`, { url: `http://127.0.0.1/${nul}` }, 'url'],
    ['POST', '/api/v1/sign-in', { code: nul }, 'code'],
    ['POST', requestsUrl, { model: nul, payload: {} }, 'model'],
    ['POST', requestsUrl, { model: 'm', payload: {}, webhook_url: `http://127.0.0.1/${half}` }, 'webhook_url'],
  ] as const)('in the body of %s %s is refused by its key: %j', async (method, url, payload, path) => {
    const reply = await app.current.call({ method, url, payload }, app.current.adminKey);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      400,
      { code: 'invalid_request', details: expect.arrayContaining([expect.objectContaining({ path })]) },
    ]);
  });

  const end = { role: 'user', parts: [{ text: 'a' }] };
  it.each([
    [{ prompt: 'a', image: `https://a.example/${nul}` }, 'payload.image'],
    [{ prompt: 'a', image: [`https://a.example/${half}`] }, 'payload.image[0]'],
    [{ prompt: 'a', previous_request_id: nul }, 'payload.previous_request_id'],
    [
      { contents: [{ role: 'user', parts: [{ fileData: { fileUri: `gs://b/${nul}` } }] }, end] },
      'payload.contents[0].parts[0].fileData.fileUri',
    ],
  ])('in a payload is refused by its key: %j', async (payload, path) => {
    const reply = await app.current.submit(payload);
    expect([reply.statusCode, reply.json().details]).toEqual([
      400,
      [{ path, message: expect.stringMatching(/U\+0000|half of a character/) }],
    ]);
  });

  it('is none of the texts of a payload, nor of the keys that are not read: they are kept as they came', async () => {
    const contents = [{ role: 'user', parts: [{ text: `${nul}${half}`, [nul]: half }] }];
    const payload = { contents, note: nul, [half]: { [nul]: nul } };
    const reply = await app.current.submit(payload, { body: { unread: nul } });
    expect(reply.statusCode).toBe(200);
    const record = (await app.current.call({ url: `${requestsUrl}/${reply.json().request_id}` })).json();
    expect(record.payload).toEqual(payload);
  });
});

/** Without the changes that a client makes to a path before it sends it. */
async function getRaw(path: string): Promise<string> {
  const { port } = new URL(await app.current.app.listen({ port: 0, host: '127.0.0.1' }));
  const socket = net.connect(Number(port), '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  return Buffer.concat(await socket.toArray()).toString();
}
