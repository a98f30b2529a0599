import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedServer } from '../../../test/fakes/scripted-server.ts';
import { openNewStore } from '../../../test/store/migrated-file.ts';
import type { RequestWebhook, WebhookEndpoint } from '../../core/webhooks.ts';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { createRequestId } from '../../platform/ids.ts';
import { createLogger } from '../../platform/logger.ts';
import type { Store } from '../../store/store.ts';
import { createLocalNotifier } from '../notifier.ts';
import { createWebhookSecrets } from './webhook-secrets.ts';
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts';
import { createWebhookRules } from './webhook-url.ts';

/** Time passes ten times as fast. */
const start = systemClock.now();
const clock: Clock = {
  now: () => start + (systemClock.now() - start) * 10,
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
};

let folder: string;
let store: Store;
let receiver: ScriptedServer;
let sender: WebhookSender;
/** What the sender sent to the receiver, in order of arrival. */
let heard: { readonly type: string; readonly data: { readonly id: string } }[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-webhooks-'));
  store = openNewStore(path.join(folder, 'darkroom.db'));
  receiver = await ScriptedServer.start();
  heard = [];
  sender = createSender();
});

afterEach(async () => {
  await sender.stop();
  await receiver.close();
  await store.close();
  await rm(folder, { recursive: true });
});

function createSender(): WebhookSender {
  return createWebhookSender({
    webhooks: store.webhooks,
    store: store.requests,
    webhookSecrets: createWebhookSecrets('the master secret'),
    webhookRules: createWebhookRules(['127.0.0.1']),
    toRecordText: async function* ({ id, status }) {
      yield JSON.stringify({ id, status });
    },
    notifier: createLocalNotifier(),
    clock,
    machine: clock,
    chance: () => 1,
    logger: createLogger('silent'),
  });
}

/** Makes the receiver answer with the status from `toStatus`; without one, it keeps the caller waiting. */
function answer(toStatus: (index: number) => number | undefined): void {
  receiver.answer(async (response, request) => {
    heard.push(JSON.parse(await text(request)));
    const status = toStatus(heard.length - 1);
    if (status !== undefined) response.writeHead(status).end();
  });
}

async function submit(events: RequestWebhook['events'] = ['request.queued', 'request.cancelled']): Promise<string> {
  const id = createRequestId();
  await store.requests.submit({
    id,
    organizationId: 'default',
    apiKeyId: 'key',
    model: 'model',
    payload: '{}',
    inline: [],
    order: { parameters: { imageSize: '1K', aspectRatio: '1:1' }, format: 'png', images: 1, conversation: [] },
    priority: 0,
    estimatedCostMicros: 0,
    createdAt: clock.now(),
    deadlineAt: clock.now() + 3_600_000,
    wire: 'queue',
    maxQueued: 1_000,
    webhook: { url: receiver.origin, events },
  });
  return id;
}

function addEndpoint(facts: Partial<WebhookEndpoint>): Promise<boolean> {
  const endpoint = {
    id: 'we_1',
    organizationId: 'default',
    url: receiver.origin,
    events: ['request.queued' as const],
    createdAt: clock.now(),
    secretVersion: 1,
    oldSecretUntil: undefined,
    failures: 0,
    failingSince: undefined,
    pausedAt: undefined,
    pauseReason: undefined,
    ...facts,
  };
  return store.webhooks.createEndpoint(endpoint, 50);
}

const list = () => store.webhooks.listDeliveries({ organizationId: 'default', limit: 100 });

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await clock.sleep(50);
}

const isEnded = async () => {
  const all = await list();
  return all.length > 0 && all.every(({ status }) => status === 'delivered');
};

describe('the sender', () => {
  it('sends the events of a request in order, each when the one before was accepted', async () => {
    const id = await submit();
    await store.requests.cancel('default', id, clock.now());
    answer((index) => (index < 2 ? 500 : 200));
    await sender.start();
    await until(isEnded);
    expect(heard.map(({ type }) => type)).toEqual([
      'request.queued',
      'request.queued',
      'request.queued',
      'request.cancelled',
    ]);
    const [last, first] = await list();
    expect([first?.tries, last?.tries]).toEqual([3, 1]);
  });

  it('tries again after a time that depends on the failures so far', async () => {
    await submit(['request.queued']);
    answer(() => 503);
    const before = clock.now();
    await sender.start();
    await until(async () => (await list())[0]?.tries === 2);
    const [delivery] = await list();
    const waited = (delivery?.lastTry?.at ?? 0) - before;
    expect(waited).toBeGreaterThanOrEqual(5_000);
    expect(delivery?.lastTry).toMatchObject({ httpStatus: 503, failure: 'The receiver answered 503.' });
  });

  it('posts to 16 receivers at the same time and no more', async () => {
    for (let count = 0; count < 20; count += 1) await submit(['request.queued']);
    const answers: (() => void)[] = [];
    receiver.answer(async (response, request) => {
      heard.push(JSON.parse(await text(request)));
      answers.push(() => response.writeHead(200).end());
    });
    await sender.start();
    await until(() => answers.length === 16);
    // Long enough to ask the store again.
    await clock.sleep(2_500);
    expect(answers).toHaveLength(16);
    await until(async () => {
      for (const give of answers.splice(0)) give();
      return await isEnded();
    });
    expect(heard).toHaveLength(20);
  });

  it('puts back unanswered deliveries when it stops, so that the next sender need not wait for their leases', async () => {
    await submit(['request.queued']);
    answer((index) => (index === 0 ? undefined : 200));
    await sender.start();
    await until(() => heard.length === 1);
    const stopped = sender.stop();
    await until(async () => (await list())[0]?.lastTry !== undefined);
    await stopped;
    expect(await list()).toMatchObject([
      { status: 'pending', lastTry: { failure: 'Darkroom shut down before the receiver had answered.' } },
    ]);
    sender = createSender();
    await sender.start();
    await until(isEnded);
  });

  it('sends nothing to a paused endpoint, and sends to the new address of one that moved', async () => {
    answer(() => 200);
    await addEndpoint({ url: 'http://127.0.0.1:9/old', pausedAt: clock.now(), pauseReason: 'a test' });
    await submit([]);
    await sender.start();
    await clock.sleep(2_500);
    expect(heard).toEqual([]);
    const changes = { url: receiver.origin, pausedAt: undefined, pauseReason: undefined };
    await store.webhooks.updateEndpoint('default', 'we_1', changes);
    await until(isEnded);
    expect(heard.map(({ type }) => type)).toEqual(['request.queued']);
  });

  it('remembers that an endpoint fails, and forgets it when the endpoint accepts a delivery', async () => {
    answer((index) => (index < 2 ? 500 : 204));
    await addEndpoint({});
    await submit([]);
    await sender.start();
    const find = async () => store.webhooks.findEndpoint('default', 'we_1');
    await until(async () => (await find())?.failures === 2);
    expect((await find())?.failingSince).toBeLessThan((await list())[0]?.lastTry?.at ?? 0);
    await until(isEnded);
    expect(await find()).toMatchObject({ failures: 0, failingSince: undefined });
  });
});
