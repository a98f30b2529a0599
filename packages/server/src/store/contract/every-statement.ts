import type { AuditStore } from '../audit-store.ts';
import type { ApiKey } from '../key-store.ts';
import { claimBatched, toNewJob } from './batch-jobs.ts';
import {
  beginOne,
  claimDueDeliveries,
  claimMany,
  failureOutcome,
  leaseMs,
  order,
  picture,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewEndpoint,
  toNewRequest,
  upstream,
} from './fixtures.ts';
import { toNewSession, toPersonRow } from './sessions.ts';
import type { Stores } from './use-store.ts';

/**
 * Uses every method of the stores, reads and writes; `round` separates two such walks on the same data. Rejects with their
 * errors.
 */
export async function runEveryStatement(stores: Stores, round: number): Promise<void> {
  await useKeys(stores, round);
  await useSessions(stores, round);
  await useOrganizations(stores, round);
  await useUploads(stores, round);
  await stores.budgets.set({ scope: 'organization', id: 'org-a', period: 'day', limitMicros: 1_000_000_000 }, start);
  await stores.webhooks.createEndpoint(toNewEndpoint({ id: `endpoint-${round}` }), 50);
  const id = await makePicture(stores, round);
  await endOthers(stores, round);
  await useOpenCalls(stores, round);
  await useBatchJobs(stores, round);
  await removeSome(stores, round);
  await readAll(stores, id, round);
  await useWebhooks(stores, round);
  await stores.budgets.remove({ scope: 'organization', id: 'org-a', period: 'day' });
  const { requests } = await stores.store.list({ organizationId: 'org-a', status: 'queued', limit: 50 });
  for (const request of requests) await stores.store.cancel('org-a', request.id, start);
}

async function useSessions({ sessions }: Stores, round: number): Promise<void> {
  const [session, key] = [toNewSession(), toPersonRow({ id: `person-${round}` })];
  await sessions.begin(session, key);
  await sessions.begin(toNewSession(), key);
  await sessions.find(session.id);
  await sessions.noteUse(session.id, { lastSeenAt: start + 1, endsAt: start + 2 });
  await sessions.end(session.id, 'revoked', { now: start + 1 });
  await sessions.list({ limit: 5 });
  await sessions.forgetEnded({ endedUntil: start + 5, limit: 5 });
}

async function useKeys({ keys }: Stores, round: number): Promise<void> {
  const key: ApiKey = {
    id: `key-${round}`,
    name: 'Gallery',
    secretHash: 'cd'.repeat(32),
    scopes: ['read'],
    limits: {},
    cancelWhenGone: false,
    modelIds: undefined,
    organizationIds: ['org-a'],
    createdAt: start,
    expiresAt: undefined,
    revokedAt: undefined,
    lastUsedAt: undefined,
    oldSecret: undefined,
  };
  await keys.create(key);
  await keys.createFirst(key);
  await keys.find(key.id);
  await keys.findWithOrganizations(key.id);
  await keys.change(key.id, { name: 'Robot' });
  await keys.rotate(key.id, { secretHash: 'second', oldSecretUntil: start });
  await keys.noteUse(key.id, start);
  await keys.list();
  await keys.revoke(key.id, start);
  await keys.ensureSecret('upload', 'fresh');
}

async function useOrganizations({ organizations }: Stores, round: number): Promise<void> {
  const id = `org-${round}`;
  await organizations.create({ id, name: id, limits: {}, createdAt: start, suspendedAt: undefined });
  await organizations.find(id);
  await organizations.list();
  await organizations.change(id, { name: 'Gallery' });
  await organizations.suspend(id, start);
  await organizations.resume(id);
  await organizations.stored({ organizationId: id, apiKeyId: 'key-1' });
  await organizations.remove(id, start);
}

async function useUploads({ uploads, store }: Stores, round: number): Promise<void> {
  const limits = { ofKey: 100, ofOrganization: 150 };
  const owner = { organizationId: 'org-a', apiKeyId: 'key-1' };
  const [used, unused] = [`used-${round}.png`, `unused-${round}.png`];
  for (const name of [used, unused, 'one-too-many.png'])
    await uploads.grant({ ...owner, name, via: 'service', bytes: 50, endsAt: start }, limits);
  await uploads.findOwner(used);
  await uploads.take(used, { bytes: 40, sha256: 'hash', endsAt: start + 1 });
  await uploads.keepLength(used, 40);
  const inline = [{ path: ['image'], name: `inline-${round}.png`, bytes: 9 }];
  await store.cancel('org-a', await submitOne(store, { uses: [used], inline }), start);
  await uploads.forget(await uploads.claimEnded({ now: start, limit: 5, leaseMs }));
}

async function makePicture({ store }: Stores, round: number): Promise<string> {
  const { lease, request } = await beginOne(store);
  const kept = { ...picture, name: `picture-${round}.png` };
  await store.renew([lease], { now: start, leaseMs });
  await store.endCalls(lease, [toCallEnd()]);
  const verdict = { kind: 'succeed', outcome: { ...successOutcome, pictures: [kept] } } as const;
  await store.settle({ lease, ends: [], verdict, now: start });
  return request.id;
}

/** Failed, cancelled, lost, late and put off. */
async function endOthers({ store }: Stores, round: number): Promise<void> {
  const failed = await beginOne(store);
  const verdict = { kind: 'fail', outcome: failureOutcome } as const;
  await store.settle({ lease: failed.lease, ends: [toCallEnd({ result: 'failed' })], verdict, now: start });
  await store.listFailed({ limit: 5 });
  await store.requeue([failed.request.id], start);
  await store.cancel('org-a', failed.request.id, start);
  const put = await beginOne(store, [0, 1]);
  const retry = { kind: 'retry', availableAt: start + 1, code: 'upstream_overloaded' } as const;
  await store.settle({ lease: put.lease, ends: [toCallEnd({ result: 'failed' })], verdict: retry, now: start });
  await claimMany(store, 4, start + 5);
  await store.rescue({ now: start + 5 + leaseMs, limit: 5, decide: () => ({ kind: 'interrupt' }) });
  await submitOne(store, { serviceTier: 'cheapest', tier: 'flex', movesUpAt: start });
  await store.moveUp({ now: start, limit: 5 });
  await submitOne(store, { deadlineAt: start + 10, order: { ...order, images: 2 } });
  await store.expire({ now: start + 10, limit: 5, decide: () => ({ kind: 'fail', outcome: failureOutcome }) });
  await store.submit(toNewRequest({ idempotency: { key: `again-${round}`, bodyHash: 'hash' } }));
  await store.replay('org-a', { key: `again-${round}`, bodyHash: 'hash' }, start);
  await store.forgetIdempotencyKeys({ now: start, limit: 5 });
}

async function removeSome({ store, uploads, removals }: Stores, round: number): Promise<void> {
  const times = { now: start, tombstoneMs: 1 };
  const organizationId = `org-${round}`;
  const one = { organizationId, status: 'cancelled', endedUntil: start, limit: 1, ...times } as const;
  for (const retainMs of [undefined, undefined, 0, undefined]) {
    const id = await submitOne(store, { organizationId, ...(retainMs !== undefined && { retainMs }) });
    await store.cancel(organizationId, id, start);
    if (retainMs === 0) await removals.pruneExpired({ limit: 9, ...times });
    else await removals.prune({ ...one, what: 'pictures' });
  }
  await removals.prune({ ...one, what: 'requests' });
  const id = await submitOne(store, { organizationId });
  await store.cancel(organizationId, id, start);
  await removals.remove({ organizationId, id, ...times });
  await removals.findTombstone(organizationId, id);
  const name = `removed-${round}.png`;
  const limits = { ofKey: 1_000, ofOrganization: 1_000 };
  await uploads.grant({ organizationId, apiKeyId: 'key-1', name, via: 'bucket', bytes: 1, endsAt: start + 9 }, limits);
  await removals.removeUpload({ organizationId, name, ...times });
  await removals.removeOrganization({ organizationId, limit: 9, ...times });
  await removals.isRemoved(name);
  await removals.forgetMedia(await removals.claimMedia({ now: start, limit: 9, leaseMs }));
  await removals.forgetRemoved({ now: start + 1, limit: 9 });
  await removals.forgetDeliveries({ createdUntil: 0, after: 0, limit: 1 });
  await removals.listOrganizations({ limit: 1 });
}

async function useOpenCalls({ store, openCalls }: Stores, round: number): Promise<void> {
  const call = { hash: `hash-${round}`, isRetry: true };
  const id = await submitOne(store, { call });
  await submitOne(store);
  await openCalls.leave(id, start);
  await openCalls.join({ ...call, organizationId: 'org-a', apiKeyId: 'key-1' }, start);
  await openCalls.leave(id, start);
  await store.cancelLeft(id, start);
  await openCalls.end(id);
  await openCalls.forget({ now: start, limit: 5 });
}

async function useBatchJobs({ store, batchJobs }: Stores, round: number): Promise<void> {
  const claim = await claimBatched(store);
  await batchJobs.waiting(['model-1 batch'], 5);
  await batchJobs.begin(toNewJob([claim], { id: `job-${round}` }));
  const [job] = await batchJobs.take({ upstreams: [upstream.name], limit: 5, now: start + leaseMs, leaseMs });
  if (!job) throw new Error('There was no job to take.');
  await batchJobs.openCalls(job.id);
  await batchJobs.findClaim(claim.request.id);
  await batchJobs.keep({ ...job, endedAt: start });
  await batchJobs.list(5);
  await batchJobs.forget({ before: start, limit: 5 });
  await store.cancel('org-a', claim.request.id, start);
}

async function readAll(
  { store, events, upstreams, budgets, backlog, audit }: Stores,
  id: string,
  round: number,
): Promise<void> {
  await store.find('org-a', id);
  await store.exists(id);
  await store.attempts('org-a', id);
  await store.findAnswer('org-a', `picture-${round}.png`);
  await store.findPicture(`picture-${round}.png`);
  await store.findPictureByHash('org-a', picture.sha256);
  await store.listPictures({ limit: 5 });
  await store.list({ organizationId: 'org-a', limit: 5 });
  await store.check();
  await events.readAfter(0, 50);
  await events.ofRequest('org-a', id, { after: 0, limit: 50 });
  await events.ofOrganization('org-a', { after: 0, limit: 50 });
  await events.last();
  await events.position('org-a', await submitOne(store));
  const key = { upstream: upstream.name, model: 'upstream-model-1' };
  await upstreams.hold(key, start);
  await upstreams.report({ upstreams: [upstream], models: new Map([['model-1', key.model]]), now: start });
  await upstreams.release(key);
  await backlog.read();
  await useAudit(audit);
  await budgets.list({ now: start });
  await budgets.usage({ organizationId: 'org-a', from: '2025-01-01', to: '2026-01-01' });
}

async function useAudit(audit: AuditStore): Promise<void> {
  const actor = { kind: 'service', id: 'darkroom', name: 'Darkroom', address: undefined } as const;
  await audit.record({ actor, at: start }, { action: 'store.copied', target: 'database' });
  const query = {
    limit: 1,
    actorId: 'darkroom',
    action: 'store.copied',
    target: 'database',
    organizationId: 'org-a',
  } as const;
  await audit.list({ ...query, from: start, before: start, cursor: { at: start, seq: 1 } });
}

async function useWebhooks({ webhooks }: Stores, round: number): Promise<void> {
  const id = `endpoint-${round}`;
  await webhooks.findEndpoint('org-a', id);
  const [delivery] = await claimDueDeliveries(webhooks);
  if (!delivery) throw new Error('There was no delivery to take.');
  const tried = { at: start, httpStatus: 200 };
  await webhooks.endTry(delivery, { kind: 'delivered', tried });
  await webhooks.listDeliveries({ organizationId: 'org-a', limit: 5 });
  await webhooks.resend('org-a', delivery.id, start);
  await webhooks.updateEndpoint('org-a', id, { pausedAt: start });
  await webhooks.listEndpoints('org-a');
  await webhooks.secretOf('org-a');
  await webhooks.rotateSecret('org-a', start);
  await webhooks.deleteEndpoint('org-a', id);
}
