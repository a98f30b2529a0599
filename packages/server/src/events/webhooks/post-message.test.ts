import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedServer } from '../../../test/fakes/scripted-server.ts';
import { type Posted, type PostOptions, postMessage } from './post-message.ts';
import { createMessage, signMessage } from './signed-message.ts';
import { createWebhookRules } from './webhook-url.ts';

let receiver: ScriptedServer;
beforeEach(async () => {
  receiver = await ScriptedServer.start();
});
afterEach(() => receiver.close());

async function post(url: string, more: Partial<PostOptions> = {}): Promise<Posted> {
  const message = createMessage('msg_1', { type: 'webhook.test', at: 0 }, async function* () {
    yield '{"endpoint_id":"we_1"}';
  });
  const signed = await signMessage(message, { secrets: ['whsec_c2VjcmV0'], now: 1_000 });
  const options = { rules: createWebhookRules(['127.0.0.1']), timeoutMs: 5_000, signal: new AbortController().signal };
  return await postMessage(url, signed, { ...options, ...more });
}

describe('a POST', () => {
  it('sends the body and its headers to the exact address, and returns the status and the text of the answer', async () => {
    let body = '';
    receiver.answer(async (response, request) => {
      body = await text(request);
      response.writeHead(418).end('a teapot ☕');
    });
    expect(await post(`${receiver.origin}/hook?a=b`)).toEqual({
      kind: 'answered',
      httpStatus: 418,
      answer: 'a teapot ☕',
    });
    expect(body).toBe('{"type":"webhook.test","timestamp":"1970-01-01T00:00:00.000Z","data":{"endpoint_id":"we_1"}}');
    const [request] = receiver.requests;
    expect([request?.method, request?.url]).toEqual(['POST', '/hook?a=b']);
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1',
      host: `127.0.0.1:${receiver.port}`,
    });
  });

  it('keeps the first KB of an answer, without half a character, and stops reading at 64 KB', async () => {
    let sent = 0;
    receiver.answer((response) => {
      const write = () => {
        while (!response.destroyed && response.write('é'.repeat(512))) sent += 1_024;
        sent += 1_024;
      };
      response.writeHead(200).write('a');
      response.on('drain', write);
      write();
    });
    const posted = await post(receiver.origin);
    expect(posted).toEqual({ kind: 'answered', httpStatus: 200, answer: `a${'é'.repeat(511)}` });
    expect(sent).toBeLessThan(8 * 1024 * 1024);
  });

  it('follows no redirect', async () => {
    receiver.answer((response) => response.writeHead(307, { location: `${receiver.origin}/elsewhere` }).end());
    expect(await post(receiver.origin)).toMatchObject({ kind: 'answered', httpStatus: 307 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('waits for an answer until its deadline and no longer', async () => {
    receiver.answer(() => {});
    expect(await post(receiver.origin, { timeoutMs: 100 })).toEqual({
      kind: 'unanswered',
      reason: 'the receiver took longer than 0.1 seconds',
    });
  });

  it('counts as answered by its status, even if the text never ends', async () => {
    receiver.answer((response) => response.writeHead(200).write('thank'));
    expect(await post(receiver.origin, { timeoutMs: 200 })).toEqual({
      kind: 'answered',
      httpStatus: 200,
      answer: 'thank',
    });
  });

  it('ends when it is aborted', async () => {
    const cutOff = new AbortController();
    receiver.answer(() => cutOff.abort());
    expect(await post(receiver.origin, { signal: cutOff.signal })).toMatchObject({ kind: 'unanswered' });
  });

  it('says that nothing answered, or that the connection broke', async () => {
    receiver.answer((response) => response.destroy());
    expect(await post(receiver.origin)).toEqual({ kind: 'unanswered', reason: 'the connection to the server broke' });
    const closed = await ScriptedServer.start();
    await closed.close();
    expect(await post(closed.origin)).toEqual({ kind: 'unanswered', reason: 'the server refused the connection' });
  });
});

describe('a private address', () => {
  it.each([
    ['as it is', 'http://10.0.0.7/'],
    ['as a name that leads there', 'http://receiver.test/'],
    ['as one of several of a name', 'http://mixed.test/'],
  ])('is not called: %s', async (_, url) => {
    const addresses = new Map([
      ['receiver.test', ['127.0.0.1']],
      ['mixed.test', ['8.8.8.8', '10.0.0.7']],
    ]);
    const rules = createWebhookRules([], { lookup: async (name) => addresses.get(name) ?? [] });
    expect(await post(url, { rules })).toEqual({
      kind: 'unanswered',
      reason: 'its host is not on the public internet',
    });
  });
});
