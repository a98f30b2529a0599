import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Hono } from 'hono';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createNodeWebhookHandler } from './node-webhook-handler.ts';
import type { WebhookMessage } from './verify-webhook.ts';
import { createWebhookHandler, type WebhookHandlerOptions } from './webhook-handler.ts';

/** The handlers in the frameworks that they are for, called as Darkroom calls them. */

const secret = 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0';
const text = JSON.stringify({ type: 'request.success', timestamp: '', data: { request_id: 'ä request' } });
const now = new Date();
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
  'webhook-signature': new Webhook(secret).sign('msg_1', now, text),
};
const unsigned = { ...headers, 'webhook-signature': 'v1,AAAA' };

const received: { readonly id: string; readonly message: WebhookMessage }[] = [];
const options: WebhookHandlerOptions = {
  secret: () => secret,
  onMessage: (message, { id }) => {
    received.push({ id, message });
  },
};
const broken: WebhookHandlerOptions = {
  secret,
  onMessage: async () => {
    throw new Error('The disk is full.');
  },
};
afterEach(() => received.splice(0));

type Post = (sent: Readonly<Record<string, string>>, body?: string) => Promise<number>;

/** A valid message, one with a wrong signature, and one that was changed on its way. */
async function callThrice(post: Post) {
  const statuses = [await post(headers), await post(unsigned), await post(headers, `${text} `)];
  return { statuses, received: received.map(({ id, message }) => [id, message.type]) };
}
const expected = { statuses: [204, 401, 401], received: [['msg_1', 'request.success']] };

const toRequest = (sent: Readonly<Record<string, string>>, body = text) =>
  new Request('http://app.example/darkroom', { method: 'POST', headers: sent, body });

describe('the handler of requests', () => {
  it('is a route handler of Next', async () => {
    const POST: (request: Request) => Promise<Response> = createWebhookHandler(options);
    expect(await callThrice(async (sent, body) => (await POST(toRequest(sent, body))).status)).toEqual(expected);
  });

  it('is a handler of Hono', async () => {
    const app = new Hono().post('/darkroom', createWebhookHandler(options));
    expect(await callThrice(async (sent, body) => (await app.request(toRequest(sent, body))).status)).toEqual(expected);
  });

  it('says so when the body was already read, and passes errors on', async () => {
    const request = toRequest(headers);
    await request.json();
    await expect(createWebhookHandler(options)(request)).rejects.toThrow('already read');
    await expect(createWebhookHandler(broken)(toRequest(headers))).rejects.toThrow('The disk is full.');
  });
});

describe('the handler of Node', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  async function serve(listener: RequestListener): Promise<Post> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // it listens on a port
    return async (sent, body = text) =>
      (await fetch(`http://127.0.0.1:${port}/darkroom`, { method: 'POST', headers: sent, body })).status;
  }

  it('is a handler of Express, with and without a parser that keeps the bytes', async () => {
    const handler = createNodeWebhookHandler(options);
    const bare = await serve(express().post('/darkroom', handler));
    expect(await callThrice(bare)).toEqual(expected);
    received.splice(0);
    const raw = await serve(express().post('/darkroom', express.raw({ type: 'application/json' }), handler));
    expect(await callThrice(raw)).toEqual(expected);
  });

  it('takes the bytes that a parser has kept beside what it made of them', async () => {
    const keep = express.json({
      verify: (request, _response, bytes) => Object.assign(request, { rawBody: bytes }),
    });
    const post = await serve(express().use(keep).post('/darkroom', createNodeWebhookHandler(options)));
    expect(await callThrice(post)).toEqual(expected);
  });

  it('gives Express the errors: that a parser was there first, and those of the app', async () => {
    const errors: string[] = [];
    const app = express()
      .post('/parsed', express.json(), createNodeWebhookHandler(options))
      .post('/darkroom', createNodeWebhookHandler(broken));
    app.use(((error, _request, response, _next) => {
      errors.push(String(error.message));
      response.status(500).end();
    }) satisfies express.ErrorRequestHandler);
    const post = await serve((request, response) => {
      request.url = request.headers['x-path']?.toString() ?? request.url ?? '';
      app(request, response);
    });
    expect([await post({ ...headers, 'x-path': '/parsed' }), await post(headers)]).toEqual([500, 500]);
    expect(errors).toEqual([expect.stringContaining('already read'), 'The disk is full.']);
  });

  it('answers 500 by itself, and 413 to a body that is too large', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const post = await serve(createNodeWebhookHandler(broken));
    expect([await post(headers), await post(headers, ' '.repeat(33 * 1024 * 1024))]).toEqual([500, 413]);
    expect(warn.mock.calls).toMatchObject([[{ message: 'The disk is full.' }]]);
  });
});
