import { problemKinds, problemSchema } from '@darkroom/protocol';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import { Problem } from '../core/problem.ts';
import type { Wire } from '../wires/wire.ts';
import { toProblemHeaders } from './error-reply.ts';
import { json } from './openapi/answers.ts';
import { housePrefix } from './prefixes.ts';

describe('an app without wires', () => {
  const app = useApp({ wires: () => [] });

  it('has nothing of a wire, neither as an address nor in the OpenAPI document', async () => {
    for (const url of [
      requestsUrl,
      `${housePrefix}/models`,
      `${housePrefix}/webhooks/endpoints`,
      `${housePrefix}/usage`,
    ])
      expect([url, (await app.current.call({ url })).statusCode]).toEqual([url, 404]);
    const { paths, tags } = (await app.current.app.inject('/openapi.json')).json();
    expect(Object.keys(paths).filter((path) => /requests|models\/\{id\}$|webhooks|usage/.test(path))).toEqual([]);
    const names = ['Uploads', 'Media', 'Keys', 'Operator', 'Organizations', 'Health'];
    expect(tags.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it('still accepts an upload, shows it, and reports who calls and whether it is well', async () => {
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    const granted = await app.current.call({
      method: 'POST',
      url: `${housePrefix}/upload-url`,
      payload: { file_type: 'png' },
    });
    const { upload_url, public_url } = granted.json();
    const { pathname, search } = new URL(upload_url);
    const headers = { 'content-type': 'image/png' };
    const put = await app.current.app.inject({ method: 'PUT', url: pathname + search, headers, payload: picture });
    expect(put.statusCode).toBe(200);
    const shown = await app.current.app.inject(new URL(public_url).pathname);
    expect(shown.rawPayload).toEqual(picture);
    expect((await app.current.call({ url: `${housePrefix}/me` })).statusCode).toBe(200);
    expect((await app.current.admin('GET', '/failed')).json()).toMatchObject({ requests: [] });
    expect((await app.current.app.inject('/readyz')).statusCode).toBe(200);
  });
});

/** A dialect in which everything is different that a wire may change. */
const shouting: Wire = {
  name: 'shouting',
  keyScheme: { read: ({ headers }) => headers['x-shouted-key']?.toString(), advice: 'send the header X-Shouted-Key' },
  maxBodyBytes: 64,
  toFullPath: (url) => url.replace(/^\/shout\//, '/loud/v1/'),
  toErrorReply: (problem) => ({
    status: problem.code === 'rate_limited' ? 503 : problemKinds[problem.code].status,
    headers: toProblemHeaders(problem),
    body: { shout: problem.message.toUpperCase() },
  }),
  scopes: [
    {
      prefix: '/loud/v1',
      register: (scope, gates) => {
        scope.post('/shouts', { onRequest: gates.rate }, async ({ caller, body }) => ({
          by: caller.organizationId,
          body,
        }));
        scope.get('/fault', async () => {
          throw new Error('a fault');
        });
        scope.get('/refusal', async () => {
          throw new Problem('queue_full', 'Full.', { retryAfterSeconds: 7 });
        });
      },
    },
  ],
  openApi: {
    tags: ['Shouts'],
    securitySchemes: { shoutedKey: { type: 'apiKey', in: 'header', name: 'X-Shouted-Key' } },
    paths: {
      '/loud/v1/shouts': {
        post: {
          operationId: 'shout',
          tags: ['Shouts'],
          security: [{ shoutedKey: [] }],
          responses: {
            200: { description: 'Shouted.', content: json(z.object({ by: z.string(), body: z.unknown() })) },
          },
        },
      },
    },
  },
};

describe('a wire', () => {
  const app = useApp({ wires: () => [shouting], requestsPerMinute: 1 });
  const shout = (payload: object, headers: Record<string, string> = { 'x-shouted-key': app.current.key }) =>
    app.current.app.inject({ method: 'POST', url: '/shout/shouts', payload, headers });

  it('is called with its own way to send a key, at its own form of an address', async () => {
    expect((await shout({ text: 'hey' })).json()).toEqual({ by: 'default', body: { text: 'hey' } });
    const refused = await shout({ text: 'hey' }, { authorization: `Bearer ${app.current.key}` });
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toEqual({ shout: 'THE API KEY IS MISSING: SEND THE HEADER X-SHOUTED-KEY.' });
  });

  it('writes every refusal of its routes in its own format, with headers that are the same on all wires', async () => {
    const read = async (url: string) => {
      const reply = await app.current.app.inject({ url, headers: { 'x-shouted-key': app.current.key } });
      return [reply.statusCode, Object.keys(reply.json()), reply.headers['retry-after']];
    };
    expect(await read('/loud/v1/refusal')).toEqual([429, ['shout'], '7']);
    expect(await read('/loud/v1/fault')).toEqual([500, ['shout'], undefined]);
    expect((await shout({ text: 'x'.repeat(100) })).json()).toEqual({ shout: expect.stringContaining('LARGER THAN') });
    await shout({});
    const often = await shout({});
    expect([often.statusCode, often.headers['retry-after']]).toEqual([503, '60']);
  });

  it('does not change the refusals of the house', async () => {
    const reply = await app.current.call({ url: '/loud/v1/nowhere' });
    expect([reply.statusCode, problemSchema.parse(reply.json()).code]).toEqual([404, 'not_found']);
  });

  it('has its part of the OpenAPI document', async () => {
    const { paths, tags, components } = (await app.current.app.inject('/openapi.json')).json();
    expect(paths['/loud/v1/shouts'].post.security).toEqual([{ shoutedKey: ['submit'] }]);
    expect(tags[0]).toEqual({ name: 'Shouts' });
    expect(Object.keys(components.securitySchemes)).toEqual(['apiKey', 'shoutedKey']);
  });
});
