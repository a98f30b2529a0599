import { describe, expect, it } from 'vitest';
import { type HeldJob, heldByJob, type NewBatchJob } from '../batch-job-store.ts';
import type { Claim, RequestStore } from '../request-store.ts';
import { leaseMs, order, start, submitOne, successOutcome, toCallEnd, toClaimQuery, upstream } from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const lane = 'model-1 batch';
const lanes = new Map([[lane, 'upstream-model-1 batch']]);
const upstreams = [upstream.name];

/** Submits a request of the batch tier and claims it. */
export async function claimBatched(store: RequestStore, images = 1): Promise<Claim> {
  await submitOne(store, { serviceTier: 'batch', tier: 'batch', order: { ...order, images } });
  const { claims } = await store.claim(toClaimQuery({ limit: 9, models: lanes }));
  const [claim] = claims;
  if (!claim) throw new Error('There was nothing to claim.');
  return claim;
}

/** A job that has the calls of these claims. */
export function toNewJob(claims: readonly Claim[], changes: Partial<NewBatchJob> = {}): NewBatchJob {
  return {
    id: 'job-1',
    upstream: upstream.name,
    model: 'upstream-model-1',
    createdAt: start,
    leaveAt: undefined,
    token: 'token-of-job',
    leaseUntil: start + leaseMs,
    claims: claims.map(({ lease, imageIndexes }) => ({ lease, imageIndexes, facts: {} })),
    ...changes,
  };
}

export function describeBatchJobs(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  /** Takes the job after the lease of whoever began it has run out. */
  async function takeLate(): Promise<HeldJob> {
    const now = start + leaseMs;
    const [job] = await test.current.batchJobs.take({ upstreams, limit: 9, now, leaseMs });
    if (!job) throw new Error('There was no job to take.');
    return job;
  }

  describe('what waits in batch lanes', () => {
    it('is counted over all organizations, up to a limit, since the first of them is ready', async () => {
      const { store, batchJobs } = test.current;
      expect(await batchJobs.waiting([lane], 9)).toEqual([]);
      const batch = { serviceTier: 'batch', tier: 'batch' } as const;
      await submitOne(store, { ...batch, createdAt: start + 5 });
      await submitOne(store, { ...batch, organizationId: 'org-b' });
      await submitOne(store);
      expect(await batchJobs.waiting([lane, 'model-2 batch'], 9)).toEqual([{ lane, requests: 2, since: start }]);
      expect(await batchJobs.waiting([lane], 1)).toMatchObject([{ requests: 1 }]);
    });

    it('is granted whatever the limits of the account, and counts for none of them', async () => {
      const { store, upstreams: states } = test.current;
      const limits = { concurrency: 1, requestsPerMinute: 1, requestsPerDay: 1 };
      const limited = [{ ...upstream, limits }];
      for (let count = 0; count < 3; count += 1) await submitOne(store, { serviceTier: 'batch', tier: 'batch' });
      const query = { limit: 9, upstreams: limited };
      const { claims } = await store.claim(toClaimQuery({ ...query, models: lanes }));
      expect(claims.map(({ tier }) => tier)).toEqual(['batch', 'batch', 'batch']);
      for (const { lease, imageIndexes } of claims) await store.beginCalls(lease, { imageIndexes, now: start });
      const models = new Map([...lanes, ['model-1', 'upstream-model-1']]);
      const [batch, standard] = await states.report({ upstreams: limited, models, now: start });
      expect([standard?.room, batch?.room]).toMatchObject([{ kind: 'open', calls: 1 }, { kind: 'open' }]);
    });
  });

  describe('a batch job', () => {
    it('has the leases of its claims: they do not run out, and nobody else takes the requests', async () => {
      const { store, batchJobs } = test.current;
      const claim = await claimBatched(store, 2);
      expect(await batchJobs.begin(toNewJob([claim]))).toEqual([claim.lease]);
      // Whoever claimed the request may still prolong its lease once.
      await store.renew([claim.lease], { now: start, leaseMs });
      const later = start + 30 * 24 * 3_600_000;
      const rescue = { now: later, limit: 9, decide: () => ({ kind: 'interrupt' }) as const };
      expect(await store.rescue(rescue)).toEqual([]);
      expect(await store.attempts('org-a', claim.request.id)).toMatchObject([
        { sentAt: start, result: undefined, batchJob: 'job-1' },
        { sentAt: start, result: undefined, batchJob: 'job-1' },
      ]);
      expect(await batchJobs.list(9)).toMatchObject([{ id: 'job-1', state: 'begun', calls: 2, open: 2 }]);
      expect(heldByJob).toBeGreaterThan(later);
    });

    it('leaves out claims whose lease is lost, and is not written when none is left', async () => {
      const { store, batchJobs } = test.current;
      const gone = await claimBatched(store);
      await store.cancel('org-a', gone.request.id, start);
      expect(await batchJobs.begin(toNewJob([gone]))).toEqual([]);
      expect(await batchJobs.list(9)).toEqual([]);
      const claim = await claimBatched(store);
      expect(await batchJobs.begin(toNewJob([gone, claim]))).toEqual([claim.lease]);
      expect(await batchJobs.list(9)).toMatchObject([{ calls: 1, open: 1 }]);
    });

    it('is taken by nobody while it is held, and by one when its lease has run out', async () => {
      const { store, batchJobs, connect } = test.current;
      await batchJobs.begin(toNewJob([await claimBatched(store)]));
      const other = (await connect()).batchJobs;
      const take = { upstreams, limit: 9, leaseMs };
      expect(await other.take({ ...take, now: start + leaseMs - 1 })).toEqual([]);
      expect(await other.take({ ...take, upstreams: ['upstream-2'], now: start + leaseMs })).toEqual([]);
      const [taken] = await other.take({ ...take, now: start + leaseMs });
      expect(taken).toMatchObject({ id: 'job-1', sentAt: undefined, upstreamName: undefined });
      expect(await batchJobs.take({ ...take, now: start + leaseMs })).toEqual([]);
    });

    it('is written by its holder only', async () => {
      const { store, batchJobs } = test.current;
      const job = toNewJob([await claimBatched(store)]);
      await batchJobs.begin(job);
      const taken = await takeLate();
      const late = { ...taken, token: job.token, sentAt: start + 1 };
      expect(await batchJobs.keep(late, { until: start + 9 * leaseMs })).toBe(false);
      const known = {
        upstreamName: 'batches/1',
        state: 'running',
        nextAt: start + 2 * leaseMs,
        leaveAt: start + 5,
      } as const;
      expect(await batchJobs.keep({ ...taken, ...known, sentAt: start + 2 })).toBe(true);
      expect(await batchJobs.list(9)).toMatchObject([{ ...known, sentAt: start + 2 }]);
      // Released, and not due.
      expect(await batchJobs.take({ upstreams, limit: 9, now: start + leaseMs + 1, leaseMs })).toEqual([]);
      const again = await batchJobs.take({ upstreams, limit: 9, now: start + 2 * leaseMs, leaseMs });
      expect(again).toMatchObject([known]);
    });

    it('knows its open calls, what was decided for them, and which of their requests still wait', async () => {
      const { store, batchJobs } = test.current;
      const [one, two] = [await claimBatched(store, 2), await claimBatched(store)];
      const facts = { flag: 'odd', leftOutTurns: [0], reducedPictures: 1 };
      const claims = [one, two].map(({ lease, imageIndexes }) => ({ lease, imageIndexes, facts }));
      await batchJobs.begin(toNewJob([], { claims }));
      await store.cancel('org-a', one.request.id, start);
      const open = (await batchJobs.openCalls('job-1')).map(({ lease, imageIndex, isHeld }) => [
        lease.token,
        imageIndex,
        isHeld,
      ]);
      expect(open).toEqual([
        [one.lease.token, 0, false],
        [one.lease.token, 1, false],
        [two.lease.token, 0, true],
      ]);
      expect((await batchJobs.openCalls('job-1'))[0]?.facts).toEqual(facts);
      await store.endCalls(one.lease, [toCallEnd({ imageIndex: 1, costMicros: 7 })]);
      expect(await batchJobs.openCalls('job-1')).toHaveLength(2);
      expect((await store.find('org-a', one.request.id))?.costMicros).toBe(7);
      const found = await batchJobs.findClaim(two.request.id);
      expect(found).toMatchObject({ request: { id: two.request.id, tier: 'batch' }, order, attempts: [{ number: 1 }] });
      expect(await batchJobs.findClaim('nobody')).toBeUndefined();
    });

    it('settles a request with its last call, as a worker does', async () => {
      const { store, batchJobs } = test.current;
      const claim = await claimBatched(store);
      await batchJobs.begin(toNewJob([claim]));
      const verdict = { kind: 'succeed', outcome: successOutcome } as const;
      const ends = [toCallEnd({ serviceTier: 'batch' })];
      expect(await store.settle({ lease: claim.lease, ends, verdict, now: start + 5 })).toBe(true);
      expect(await batchJobs.openCalls('job-1')).toEqual([]);
      expect(await store.find('org-a', claim.request.id)).toMatchObject({ status: 'success', costMicros: 134_000 });
    });

    it('gives a request back to its lane, where it keeps its place', async () => {
      const { store, batchJobs } = test.current;
      const claim = await claimBatched(store);
      await batchJobs.begin(toNewJob([claim]));
      const end = toCallEnd({ result: 'interrupted', costMicros: 0 });
      await store.settle({ lease: claim.lease, ends: [end], verdict: { kind: 'interrupt' }, now: start + 5 });
      const { claims } = await store.claim(toClaimQuery({ limit: 9, models: lanes, now: start + 6 }));
      expect(claims).toMatchObject([{ request: { id: claim.request.id, attempt: 2 }, imageIndexes: [0] }]);
    });

    it('that has ended is listed for a while, and is not taken', async () => {
      const { store, batchJobs } = test.current;
      await batchJobs.begin(toNewJob([await claimBatched(store)]));
      const taken = await takeLate();
      const failure = { code: 'upstream_error', message: 'It failed.' } as const;
      await batchJobs.keep({ ...taken, state: 'failed', failure, cancelledAt: start + 6, endedAt: start + 7 });
      expect(await batchJobs.take({ upstreams, limit: 9, now: start + 9 * leaseMs, leaseMs })).toEqual([]);
      expect(await batchJobs.list(9)).toMatchObject([{ state: 'failed', failure, cancelledAt: start + 6 }]);
      expect(await batchJobs.forget({ before: start + 7, limit: 9 })).toBe(0);
      expect(await batchJobs.forget({ before: start + 8, limit: 9 })).toBe(1);
      expect(await batchJobs.list(9)).toEqual([]);
    });
  });

  it('a request that is about to leave the batch lane is taken by no job', async () => {
    const { store } = test.current;
    const tiers = [
      { tier: 'batch', needsMs: 3_000_000 },
      { tier: 'standard', needsMs: 600_000 },
    ] as const;
    await submitOne(store, { serviceTier: 'cheapest', tier: 'batch', order: { ...order, tiers } });
    const late = start + 3_600_000 - 3_000_000 + 1;
    expect((await store.claim(toClaimQuery({ models: lanes, now: late }))).claims).toEqual([]);
    expect((await store.claim(toClaimQuery({ models: lanes, now: late - 1 }))).claims).toHaveLength(1);
  });
}
