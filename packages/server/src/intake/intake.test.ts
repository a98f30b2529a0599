import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/fakes/manual-clock.ts';
import { models } from '../../test/models.ts';
import { openNewStore } from '../../test/store/migrated-file.ts';
import { Problem } from '../core/problem.ts';
import { createEventHub, type EventHub } from '../events/event-hub.ts';
import { hintWrites } from '../events/hint-writes.ts';
import { createLocalNotifier } from '../events/notifier.ts';
import { createWebhookRules } from '../events/webhooks/webhook-url.ts';
import { createFindOwnLimits } from '../keys/own-limits.ts';
import { createDiskDriver } from '../media/drivers/disk.ts';
import { MediaStore } from '../media/media-store.ts';
import { createStorageRoom } from '../media/storage-room.ts';
import { createLogger } from '../platform/logger.ts';
import type { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { createIntake, type Intake } from './intake.ts';
import type { Submission } from './submit.ts';

let folder: string;
let store: ReturnType<typeof openSqliteStore>;
let hub: EventHub;
let intake: Intake;
const clock = new ManualClock();

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-intake-'));
  const opened = openNewStore(path.join(folder, 'darkroom.db'));
  const notifier = createLocalNotifier();
  store = { ...opened, ...hintWrites(opened, notifier) };
  const { requests, events, upstreams } = store;
  const logger = createLogger('silent');
  hub = createEventHub({ events, requests, notifier, clock, logger });
  await hub.start();
  const media = new MediaStore(createDiskDriver({ folder: path.join(folder, 'media') }));
  await media.check();
  const assertStorageRoom = createStorageRoom(store.organizations);
  intake = createIntake({
    removals: store.removals,
    deletions: { webhooks: store.webhooks, audit: store.audit, media, tombstoneMs: 60_000, logger },
    store: requests,
    openCalls: store.openCalls,
    models,
    inline: { media, spoolFolder: folder, headroom: { admit: () => undefined }, assertStorageRoom, logger },
    maxQueued: 2,
    webhookRules: createWebhookRules([]),
    hub,
    queue: { upstreams, events, pool: [{ name: 'main', limits: {} }] },
    uploads: {
      media,
      uploads: store.uploads,
      findOwnLimits: createFindOwnLimits(store),
      assertStorageRoom,
      maxUnusedUploadBytes: 100 * 2 ** 20,
      unusedUploadMs: 3_600_000,
      spoolFolder: folder,
      headroom: { admit: () => undefined },
      clock,
    },
    clock,
  });
});
afterEach(async () => {
  await hub.stop();
  await store.close();
  await rm(folder, { recursive: true });
});

const caller = { organizationId: 'org-a', apiKeyId: 'key-1' };
const stranger = { organizationId: 'org-b', apiKeyId: 'key-2' };

function toSubmission(changes: Partial<Submission> = {}): Submission {
  return {
    caller,
    model: 'gemini-3-pro-image-preview',
    payload: { prompt: 'a lighthouse' },
    payloadText: () => '{"prompt":"a lighthouse"}',
    priority: 0,
    deadlineSeconds: 3_600,
    webhook: undefined,
    idempotency: undefined,
    wire: 'queue',
    limits: 'contract',
    ...changes,
  };
}

/** The code of the `Problem` with which it rejects. */
async function codeOf(refused: Promise<unknown>): Promise<string> {
  const error = await refused.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error.code;
  throw new Error('It was not refused by a problem.', { cause: error });
}

describe('the use cases, without HTTP', () => {
  it('accept a request: priced, durable and due at once', async () => {
    const { request, isReplayed } = await intake.submit(toSubmission());
    expect(isReplayed).toBe(false);
    expect(request).toMatchObject({ status: 'queued', payload: '{"prompt":"a lighthouse"}', ...caller });
    expect(request.estimatedCostMicros).toBeGreaterThan(100_000);
    expect(await intake.find(caller, request.id)).toMatchObject({ id: request.id, model: request.model });
    expect(await intake.placeOf(request)).toMatchObject({ position: 0, reason: 'turn' });
  });

  it('keep the limits that the submission names: ten pictures by the model’s own, four by the contract', async () => {
    const payload = { prompt: 'a lighthouse', number_of_images: 10 };
    const one = await intake.submit(toSubmission());
    const { request } = await intake.submit(toSubmission({ payload, limits: 'model' }));
    expect(request.estimatedCostMicros).toBe(10 * one.request.estimatedCostMicros);
    expect(await codeOf(intake.submit(toSubmission({ payload })))).toBe('invalid_request');
  });

  it('return the same request for the same idempotency key and body, without asking for its text', async () => {
    const idempotency = { key: 'one', bodyHash: 'a' };
    const first = await intake.submit(toSubmission({ idempotency }));
    const payloadText = () => {
      throw new Error('The text of a replayed submit is not needed.');
    };
    const again = await intake.submit(toSubmission({ idempotency, payloadText }));
    expect([again.request.id, again.isReplayed]).toEqual([first.request.id, true]);
    const other = toSubmission({ idempotency: { key: 'one', bodyHash: 'b' } });
    expect(await codeOf(intake.submit(other))).toBe('idempotency_conflict');
  });

  it('join a call that was left to its request when it is made again, without asking for its text', async () => {
    const repeat = { hash: 'aa', isRetry: false };
    const first = await intake.submit(toSubmission({ repeat }));
    await intake.left(first.request.id, { cancel: false });
    const payloadText = () => {
      throw new Error('The text of a call that is made again is not needed.');
    };
    const again = await intake.submit(toSubmission({ repeat, payloadText }));
    expect([again.request.id, again.isReplayed]).toEqual([first.request.id, true]);
    await intake.answered(first.request.id);
    const other = await intake.submit(toSubmission({ repeat: { ...repeat, isRetry: true } }));
    expect(other).toMatchObject({ isReplayed: false, request: { status: 'queued' } });
  });

  it('cancel the request of a call that was left, if that is wanted and nobody else waits for it', async () => {
    const { id } = (await intake.submit(toSubmission({ repeat: { hash: 'aa', isRetry: false } }))).request;
    await intake.submit(toSubmission({ repeat: { hash: 'aa', isRetry: true } }));
    await intake.left(id, { cancel: true });
    expect(await intake.find(caller, id)).toMatchObject({ status: 'queued' });
    await intake.left(id, { cancel: true });
    expect(await intake.find(caller, id)).toMatchObject({ status: 'cancelled' });
  });

  it('refuse with problems, and report an unknown model first', async () => {
    expect(await codeOf(intake.submit(toSubmission({ model: 'none', payload: 1 })))).toBe('model_not_found');
    expect(await codeOf(intake.submit(toSubmission({ payload: {} })))).toBe('invalid_request');
    const webhook = { url: 'http://127.0.0.1/' };
    expect(await codeOf(intake.submit(toSubmission({ webhook })))).toBe('invalid_request');
    for (const _ of [1, 2]) await intake.submit(toSubmission());
    await expect(intake.submit(toSubmission())).rejects.toMatchObject({ code: 'queue_full', retryAfterSeconds: 10 });
  });

  it('show a request only to its own organization', async () => {
    const { id } = (await intake.submit(toSubmission())).request;
    const limits = { timeoutMs: 1_000, signal: AbortSignal.abort() };
    const calls = [
      () => intake.find(stranger, id),
      () => intake.cancel(stranger, id),
      () => intake.withdraw(stranger, id),
      () => intake.wait(stranger, id, limits),
    ];
    for (const call of calls) expect(await codeOf(call())).toBe('not_found');
  });

  it('wait until a request has ended, or until the caller has gone', async () => {
    const { id } = (await intake.submit(toSubmission())).request;
    const gone = AbortSignal.abort();
    expect(await intake.wait(caller, id, { timeoutMs: 60_000, signal: gone })).toMatchObject({ status: 'queued' });
    const waiting = intake.wait(caller, id, { timeoutMs: 60_000, signal: new AbortController().signal });
    await intake.withdraw(caller, id);
    expect(await waiting).toMatchObject({ id, status: 'cancelled' });
  });

  it('cancel a request that has ended without a change, queue it again, and withdraw it when it is over', async () => {
    const { id } = (await intake.submit(toSubmission())).request;
    await intake.cancel(caller, id);
    expect(await intake.cancel(caller, id)).toMatchObject({ status: 'cancelled' });
    expect(await intake.requeue({ ids: [id, id, 'none'] })).toEqual({ count: 1, skipped: ['none'] });
    expect(await intake.requeue({ failed: {} })).toEqual({ count: 0, skipped: [] });
    expect(await intake.withdraw(caller, id)).toMatchObject({ kind: 'cancelled' });
    expect(await intake.withdraw(caller, id)).toMatchObject({ kind: 'deleted', left: { id, status: 'cancelled' } });
    expect(await codeOf(intake.find(caller, id))).toBe('deleted');
    expect(await codeOf(intake.find(stranger, id))).toBe('not_found');
  });
});
