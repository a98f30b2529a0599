import { afterEach, describe, expect, it } from 'vitest';
import { type BatchHarness, startBatchHarness } from '../../../test/batch-harness.ts';

/** What happens to requests while their job waits, and when it ends otherwise than well. */

const hour = 3_600_000;
/** Of real time: longer than a test. */
const forever = 600_000;

let harness: BatchHarness;
afterEach(() => harness.stop());

async function untilPending(): Promise<void> {
  await harness.until(async () => (await harness.store.batchJobs.list(9)).some(({ state }) => state === 'pending'));
}

async function findJob() {
  const [job] = await harness.store.batchJobs.list(9);
  if (!job) throw new Error('There is no job.');
  return job;
}

async function untilJobEnded(): Promise<void> {
  await harness.until(async () => (await findJob()).endedAt !== undefined);
}

describe('a request in a batch job that is cancelled', () => {
  it('is cancelled at once, and its cost is recorded when the job brings it', async () => {
    harness = await startBatchHarness(300);
    await harness.start();
    const ids = [await harness.submit('a fox'), await harness.submit('a hen')];
    await untilPending();
    const [left = '', kept = ''] = ids;
    expect((await harness.store.requests.cancel('org-a', left, harness.clock.now()))?.status).toBe('cancelled');
    await harness.untilEnded([kept], 200);
    await untilJobEnded();
    const [cancelled, made] = await Promise.all([harness.find(left), harness.find(kept)]);
    expect([cancelled.status, made.status]).toEqual(['cancelled', 'success']);
    expect(cancelled.costMicros).toBe(made.costMicros);
    expect(cancelled.costMicros).toBeGreaterThan(60_000);
  });

  it('leaves a job that nobody waits for, which is cancelled at the upstream', async () => {
    harness = await startBatchHarness(forever);
    await harness.start();
    const ids = [await harness.submit('a fox'), await harness.submit('a hen')];
    await untilPending();
    for (const id of ids) await harness.store.requests.cancel('org-a', id, harness.clock.now());
    await untilJobEnded();
    expect(await findJob()).toMatchObject({ state: 'cancelled', open: 0 });
    expect(harness.sandbox.calls.total).toBe(0);
    const [attempt] = await harness.store.requests.attempts('org-a', ids[0] ?? '');
    expect(attempt).toMatchObject({ result: 'interrupted', costMicros: 0, isPossiblyBilled: false });
  });
});

describe('a request whose time runs out in a batch job', () => {
  it('fails at its deadline, and its job is cancelled', async () => {
    harness = await startBatchHarness(forever);
    await harness.start();
    const id = await harness.submit('a fox', { deadlineAt: harness.clock.now() + hour });
    await untilPending();
    const [request] = await harness.untilEnded([id], 60_000);
    expect(request).toMatchObject({ status: 'failed', outcome: { failure: { code: 'deadline_exceeded' } } });
    await untilJobEnded();
    expect(harness.sandbox.calls.total).toBe(0);
  });

  it('leaves the job when it asked for the cheapest tier, and is made in a dearer one, once', async () => {
    harness = await startBatchHarness(forever);
    await harness.start();
    const tiers = [
      { tier: 'batch', needsMs: 25 * hour },
      { tier: 'standard', needsMs: hour },
    ] as const;
    const deadlineAt = harness.clock.now() + 26 * hour;
    const plan = { deadlineAt, serviceTier: 'cheapest', movesUpAt: deadlineAt - 25 * hour + 1 } as const;
    const id = await harness.submit('a fox', { ...plan, order: { tiers } as never });
    const other = await harness.submit('a hen');
    await untilPending();
    harness.clock.advance(24.5 * hour);
    const [request] = await harness.untilEnded([id], 5_000);
    expect(request).toMatchObject({ status: 'success', tier: 'standard' });
    // Before its deadline, with the time of a call to spare.
    expect(deadlineAt - harness.clock.now()).toBeGreaterThan(hour / 2);
    const attempts = await harness.store.requests.attempts('org-a', id);
    expect(attempts.map(({ result, serviceTier }) => [result, serviceTier])).toEqual([
      ['interrupted', undefined],
      ['succeeded', 'standard'],
    ]);
    expect(harness.sandbox.calls.total).toBe(1);
    // The other one waits for the next job.
    expect((await harness.find(other)).outcome).toBeUndefined();
  });
});

describe('a batch job that ends otherwise than well', () => {
  it('gives back what has expired, with its place, and keeps what was made', async () => {
    harness = await startBatchHarness();
    await harness.start({ gathering: { maxRequests: 2, maxWaitMs: hour } });
    const ids = [await harness.submit('a fox'), await harness.submit('a hen [[sandbox batch=expire]]')];
    await harness.untilEnded([ids[0] ?? ''], 200);
    await untilJobEnded();
    expect(await findJob()).toMatchObject({ state: 'expired' });
    const expired = await harness.find(ids[1] ?? '');
    expect(expired).toMatchObject({ status: 'queued', tier: 'batch', attempt: 1, costMicros: 0 });
    expect(await harness.store.requests.attempts('org-a', expired.id)).toMatchObject([
      { result: 'interrupted', failure: { code: 'upstream_overloaded' }, isPossiblyBilled: false },
    ]);
  });

  it('fails as a whole: its calls are tried again', async () => {
    harness = await startBatchHarness();
    await harness.start({ gathering: { maxWaitMs: hour, maxRequests: 2 } });
    const ids = [await harness.submit('a fox'), await harness.submit('a hen [[sandbox batch=fail]]')];
    const failed = async () => (await harness.store.batchJobs.list(9)).find(({ state }) => state === 'failed');
    await harness.until(async () => (await failed()) !== undefined);
    expect(await failed()).toMatchObject({ open: 0, failure: { code: 'upstream_error' } });
    const [first] = await harness.store.requests.attempts('org-a', ids[0] ?? '');
    expect(first).toMatchObject({ result: 'failed', costMicros: 0, failure: { code: 'upstream_error' } });
    expect((await harness.find(ids[0] ?? '')).outcome).toBeUndefined();
  });

  it('has refused a call because of its content, and another for load: one fails, the other waits', async () => {
    harness = await startBatchHarness();
    await harness.start();
    const blocked = await harness.submit('a fox [[sandbox finish=IMAGE_SAFETY]]');
    const busy = await harness.submit('a hen [[sandbox status=503 times=1]]');
    const [refused] = await harness.untilEnded([blocked], 200);
    expect(refused).toMatchObject({ status: 'failed', outcome: { failure: { code: 'image_blocked' } } });
    const [made] = await harness.untilEnded([busy]);
    expect(made?.status).toBe('success');
    const attempts = await harness.store.requests.attempts('org-a', busy);
    expect(attempts.map(({ result, failure }) => [result, failure?.code])).toEqual([
      ['failed', 'upstream_overloaded'],
      ['succeeded', undefined],
    ]);
  });
});

describe('the making of a batch job', () => {
  it('that is refused for load is tried again when the upstream has rested', async () => {
    harness = await startBatchHarness();
    const failure = { code: 'upstream_rate_limited', message: 'Too many jobs.', retryAfterMs: 5_000 } as const;
    let refusals = 0;
    await harness.start({
      wrap: (batches) => ({
        maxJobBytes: batches.maxJobBytes,
        bytesOf: (call) => batches.bytesOf(call),
        find: (...given) => batches.find(...given),
        look: (...given) => batches.look(...given),
        cancel: (...given) => batches.cancel(...given),
        create: async (...given) => {
          refusals += 1;
          return refusals === 1 ? { kind: 'refused', failure } : batches.create(...given);
        },
      }),
    });
    const ids = [await harness.submit('a fox'), await harness.submit('a hen')];
    const requests = await harness.untilEnded(ids);
    expect(requests.map(({ status }) => status)).toEqual(['success', 'success']);
    expect([refusals, harness.sandbox.calls.total]).toEqual([2, 2]);
  });

  it('takes no more calls than a job may have, and what is too large together waits for the next one', async () => {
    harness = await startBatchHarness();
    let jobs = 0;
    await harness.start({
      gathering: { maxRequests: 2 },
      wrap: (batches) => ({
        maxJobBytes: 1_000,
        bytesOf: () => 600,
        find: (...given) => batches.find(...given),
        look: (...given) => batches.look(...given),
        cancel: (...given) => batches.cancel(...given),
        create: async (...given) => {
          jobs += 1;
          return batches.create(...given);
        },
      }),
    });
    const ids = [await harness.submit('a fox'), await harness.submit('a hen')];
    const requests = await harness.untilEnded(ids);
    expect(requests.map(({ status }) => status)).toEqual(['success', 'success']);
    expect(jobs).toBe(2);
  });
});
