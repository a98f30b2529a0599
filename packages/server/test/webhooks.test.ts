import type { DeliveryRecord } from '@darkroom/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { DarkroomProcess } from './darkroom-process.ts';
import { drawPlain } from './draw-plain.ts';
import { darkroom } from './run-here.ts';
import { startServer, type TestServer } from './start-server.ts';
import { type Mood, WebhookReceiver } from './webhook-receiver.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function startReceiver(): Promise<WebhookReceiver> {
  const receiver = await WebhookReceiver.start();
  closing.push(() => receiver.stop());
  return receiver;
}

async function startLocal(): Promise<TestServer> {
  const local = await startServer({ DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' }, { illustrate: drawPlain });
  closing.push(local.stop);
  return local;
}

const events = ['queued', 'processing', 'success', 'failed', 'cancelled'] as const;
const payload = { prompt: 'a kite', image_output_format: 'jpeg' } as const;

/** Asks again until the expected value is there. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('a receiver that fails at random, redirects, hangs and restarts', () => {
  it('gets every event at least once, in order for each request, signed, while the server is killed twice', {
    timeout: 150_000,
  }, async () => {
    const receiver = await startReceiver();
    const server = await DarkroomProcess.start({ DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' });
    closing.push(() => server.remove());
    const client = async () => (await server.client()).webhooks;
    const endpoint = await (await client()).create({ url: receiver.url('/endpoint'), events });
    receiver.secrets.set('/endpoint', [endpoint.secret]);
    receiver.secrets.set('/own', [(await (await client()).secret()).secret]);

    const first: Mood[] = ['fail', 'take', 'redirect', 'hang', 'drop'];
    const tries = new Map<string, number>();
    receiver.mood = ({ id }) => {
      const count = tries.get(id) ?? 0;
      tries.set(id, count + 1);
      const sure = first.shift();
      if (sure) return sure;
      // Accepts at the third try: the wait before the fourth would be half a minute.
      return count < 2 && Math.random() < 0.3
        ? ((['fail', 'redirect', 'drop'] as const)[tries.size % 3] ?? 'fail')
        : 'take';
    };

    const ids: string[] = [];
    const submit = async (count: number) => {
      const own = { webhookUrl: receiver.url('/own'), webhookEvents: events };
      const darkroom = await server.client();
      const replies = await Promise.all(Array.from({ length: count }, () => darkroom.submit({ payload, ...own })));
      ids.push(...replies.map(({ request_id }) => request_id));
    };
    for (const round of [1, 2]) {
      await submit(5);
      await receiver.until(() => receiver.taken.length >= 12 * round);
      await server.end('SIGKILL');
      await receiver.restart();
      await server.restart();
    }
    await submit(2);

    const list = async (query: object) => (await (await client()).deliveries({ limit: 100, ...query })).deliveries;
    await eventually(async () => {
      const open = await list({ status: 'pending' });
      const records = await Promise.all(ids.map(async (id) => (await server.client()).status(id)));
      const isOver = open.length === 0 && records.every(({ status }) => status === 'success');
      return isOver || undefined;
    });

    expect(receiver.wrongs).toEqual([]);
    expect(await list({ status: 'failed' })).toEqual([]);
    for (const id of ids) {
      const sent = (await list({ requestId: id })).reverse();
      for (const path of ['/endpoint', '/own']) {
        const due = sent.filter(({ url }) => url.endsWith(path));
        const heard = receiver.taken.filter((message) => message.path === path && message.data['request_id'] === id);
        // A message that was accepted while the server died comes again, before the next one.
        const once = heard.filter((message, index) => message.id !== heard[index - 1]?.id);
        expect(once.map(({ id, type }) => [id, type])).toEqual(due.map(({ id, event }) => [id, event]));
        const words = due.map(({ event }) => event);
        expect(words.slice(0, 2)).toEqual(['request.queued', 'request.processing']);
        expect(words.at(-1)).toBe('request.success');
      }
    }
    const misses = new Set(receiver.refused.map(({ id }) => id));
    expect(misses.size).toBeGreaterThan(3);
    expect(await server.end()).toBe(0);
  });
});

describe('a webhook', () => {
  it('contains the record as a call reads it', async () => {
    const [receiver, { client }] = await Promise.all([startReceiver(), startLocal()]);
    receiver.secrets.set('/own', [(await client.webhooks.secret()).secret]);
    const { request_id } = await client.submit({ payload, webhookUrl: receiver.url('/own') });
    await receiver.until(() => receiver.taken.length > 0);
    expect(receiver.taken).toMatchObject([{ type: 'request.success', data: await client.status(request_id) }]);
    expect(receiver.wrongs).toEqual([]);
  });

  it('contains the whole record when the payload has pictures', async () => {
    const [receiver, { client }] = await Promise.all([startReceiver(), startLocal()]);
    receiver.secrets.set('/own', [(await client.webhooks.secret()).secret]);
    const image = `data:image/png;base64,${onePixel}`;
    await client.submit({ payload: { ...payload, image }, webhookUrl: receiver.url('/own') });
    await receiver.until(() => receiver.taken.length > 0);
    expect(receiver.taken).toMatchObject([{ data: { payload: { image } } }]);
    expect(receiver.wrongs).toEqual([]);
  });

  it('that was redirected has failed, says so, and can be sent again', async () => {
    const [receiver, { client }] = await Promise.all([startReceiver(), startLocal()]);
    receiver.secrets.set('/own', [(await client.webhooks.secret()).secret]);
    receiver.mood = () => 'redirect';
    const { request_id: requestId } = await client.submit({ payload, webhookUrl: receiver.url('/own') });
    const delivery = await eventually(async () => {
      const [latest] = (await client.webhooks.deliveries({ requestId })).deliveries;
      return latest?.last_try ? latest : undefined;
    });
    expect(delivery).toMatchObject({
      event: 'request.success',
      status: 'pending',
      last_try: { http_status: 302, failure: expect.stringMatching(/a redirect, which is not followed/) },
    });

    receiver.mood = () => 'take';
    await client.webhooks.resend(delivery.id);
    await receiver.until(() => receiver.taken.length > 0);
    await isDelivered(client, delivery.id);
    await client.webhooks.resend(delivery.id);
    await receiver.until(() => receiver.taken.length > 1);
    expect(receiver.taken.map(({ id }) => id)).toEqual([delivery.id, delivery.id]);
    expect(receiver.wrongs).toEqual([]);
  });

  it('is refused for a forbidden address, as far as the URL shows it', async () => {
    const { client } = await startLocal();
    for (const [webhookUrl, words] of [
      ['http://10.0.0.7/', /webhook_url cannot be called: its host is not on the public internet/],
      ['http://[::1]/', /not on the public internet/],
      ['https://user:word@receiver.example/', /a user name or a password/],
      ['https://receiver.example:22/', /port 22 is not allowed for webhooks/],
      ['ftp://receiver.example/', /webhook_url must be an http or https URL/],
    ] as const) {
      await expect(client.submit({ payload, webhookUrl })).rejects.toMatchObject({
        status: 400,
        message: expect.stringMatching(words),
      });
    }
    await expect(client.webhooks.create({ url: 'http://169.254.169.254/' })).rejects.toMatchObject({ status: 400 });
  });
});

/** Resolves to the delivery when it has been accepted. */
function isDelivered(client: TestServer['client'], id: string): Promise<DeliveryRecord> {
  return eventually(async () => {
    const { deliveries } = await client.webhooks.deliveries({ status: 'delivered' });
    return deliveries.find((delivery) => delivery.id === id);
  });
}

describe('an endpoint', () => {
  it('that is gone is paused, says so, and receives what it missed when it is resumed', async () => {
    const [receiver, { client }] = await Promise.all([startReceiver(), startLocal()]);
    const { id, secret } = await client.webhooks.create({ url: receiver.url('/endpoint'), events: ['success'] });
    receiver.secrets.set('/endpoint', [secret]);
    receiver.mood = () => 'gone';
    await client.submit({ payload });
    const paused = await eventually(async () => {
      const endpoint = await client.webhooks.endpoint(id);
      return endpoint.paused_at === null ? undefined : endpoint;
    });
    expect(paused.pause_reason).toBe('The receiver answered 410: it does not want any more webhooks.');

    const { request_id } = await client.submit({ payload });
    await client.wait(request_id);
    receiver.mood = () => 'take';
    expect(await client.webhooks.update(id, { paused: false })).toMatchObject({ paused_at: null, failures: 0 });
    await receiver.until(() => receiver.taken.length === 2);
    expect(receiver.refused).toHaveLength(1);
    expect(receiver.wrongs).toEqual([]);
  });

  it('can be tested, and its secret changed with both valid for a while', async () => {
    const [receiver, { client }] = await Promise.all([startReceiver(), startLocal()]);
    const { id, secret } = await client.webhooks.create({ url: receiver.url('/endpoint') });
    receiver.secrets.set('/endpoint', [secret]);
    expect(await client.webhooks.test(id)).toMatchObject({ delivered: true, http_status: 200, answer: 'thank you' });
    const rotated = await client.webhooks.rotateSecret(id);
    expect(await client.webhooks.secret(id)).toEqual(rotated);
    for (const valid of [secret, rotated.secret]) {
      receiver.secrets.set('/endpoint', [valid]);
      await client.webhooks.test(id);
    }
    expect(receiver.wrongs).toEqual([]);
    receiver.mood = () => 'fail';
    expect(await client.webhooks.test(id)).toMatchObject({ delivered: false, failure: 'The receiver answered 500.' });
  });
});

describe('darkroom webhooks', () => {
  it('adds, lists, pauses and removes endpoints, and sends deliveries again', { timeout: 60_000 }, async () => {
    const [receiver, { client, url, key }] = await Promise.all([startReceiver(), startLocal()]);
    const run = async (...args: string[]) => {
      const { code, output, errors } = await darkroom(['webhooks', ...args, '--server', url], {
        DARKROOM_API_KEY: key,
      });
      expect([code, errors]).toEqual([0, '']);
      return output;
    };
    const added = await run('add', receiver.url('/endpoint'), '--events', 'success');
    const [, id = '', secret = ''] = /^Endpoint +(\S+)\nSecret +(\S+)\n$/.exec(added) ?? [];
    receiver.secrets.set('/endpoint', [secret]);
    expect(await run('secret', id)).toBe(`${secret}\n`);
    await client.submit({ payload });
    await receiver.until(() => receiver.taken.length === 1);
    const delivery = receiver.taken[0]?.id ?? '';
    await isDelivered(client, delivery);
    expect(await run('deliveries')).toMatch(new RegExp(`${delivery} .* request.success +delivered +1 .*answered 200`));
    await run('resend', delivery);
    await receiver.until(() => receiver.taken.length === 2);
    await run('pause', id);
    expect(await run('endpoints')).toMatch(/paused: It was paused through the API\./);
    await run('remove', id);
    expect(await client.webhooks.endpoints()).toEqual({ endpoints: [] });
    expect(receiver.wrongs).toEqual([]);
  });
});

const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
