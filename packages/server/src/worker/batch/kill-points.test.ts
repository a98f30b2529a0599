import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BatchHarness, type StartOptions, startBatchHarness } from '../../../test/batch-harness.ts';

/** A process that makes, keeps or takes a batch job is killed; the next one goes on, and nothing is lost or paid twice. */

let harness: BatchHarness;

let before: { readonly calls: number; readonly objects: number };

beforeAll(async () => {
  harness = await startBatchHarness();
});
afterAll(() => harness.stop());
beforeEach(async () => {
  before = { calls: harness.sandbox.calls.total, objects: (await harness.stored()).length };
});
afterEach(() => harness.stopWorkers());

/** Four pictures, each with its original and its signature, and their texts' signatures. */
const objectsOfFour = 12;

type KillAt = NonNullable<StartOptions['killAt']>;

const killPoints: readonly (readonly [what: string, killAt: KillAt])[] = [
  ['before the row of the job is written', { call: 'begin', when: 'before' }],
  ['after the row is written', { call: 'begin', when: 'after' }],
  ['before the upstream is asked for the job', { call: 'send', when: 'before' }],
  ['after it has written that it asks, and before it asks', { call: 'send', when: 'after' }],
  ['after the job was made, before its name is written', { call: 'create', when: 'after' }],
  ['before it looks at the job', { call: 'look', when: 'before' }],
  ['after it has looked at the job', { call: 'look', when: 'after' }],
  ['while it reads the second answer', { call: 'read', when: 'after', count: 2 }],
  ['before the first request is settled', { call: 'settle', when: 'before' }],
  ['after the first request is settled', { call: 'settle', when: 'after' }],
  ['after the second request is settled', { call: 'settle', when: 'after', count: 2 }],
  ['after the first picture of two is recorded', { call: 'endCalls', when: 'after' }],
  ['before the job is removed', { call: 'remove', when: 'before' }],
  ['after the job is removed, before its row says that it has ended', { call: 'remove', when: 'after' }],
];

async function submitThree(): Promise<readonly string[]> {
  const { submit } = harness;
  return [await submit('a fox'), await submit('two hens', { images: 2 }), await submit('a heron')];
}

async function expectAllOnce(ids: readonly string[]): Promise<void> {
  const requests = await Promise.all(ids.map(harness.find));
  expect(requests.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
  expect(requests.map(({ outcome }) => outcome?.kind === 'success' && outcome.pictures.length)).toEqual([1, 2, 1]);
  // Each picture was made once, and half of its price is paid once.
  expect(harness.sandbox.calls.total - before.calls).toBe(4);
  const logs = await Promise.all(ids.map((id) => harness.store.requests.attempts('org-a', id)));
  const attempts = logs.flat();
  const made = attempts.filter(({ result }) => result === 'succeeded');
  expect(made.map(({ serviceTier }) => serviceTier)).toEqual(['batch', 'batch', 'batch', 'batch']);
  const paid = made.reduce((sum, { costMicros }) => sum + costMicros, 0);
  expect(requests.reduce((sum, { costMicros }) => sum + costMicros, 0)).toBe(paid);
  expect(attempts.some(({ isPossiblyBilled }) => isPossiblyBilled)).toBe(false);
  const hasEnded = async () => (await harness.store.batchJobs.list(9)).every(({ endedAt }) => endedAt !== undefined);
  await harness.until(hasEnded, 20_000);
  // A worker whose lease was lost may still be removing what it has stored.
  await expect.poll(async () => (await harness.stored()).length - before.objects).toBe(objectsOfFour);
}

/** Those after which the spool of the killed process has something to record. */
const sweptPoints = killPoints.filter(([, { call }]) => ['settle', 'endCalls', 'read'].includes(call));

describe('a process that is killed', () => {
  it.each(killPoints)('%s loses nothing and pays nothing twice', async (_what, killAt) => {
    const ids = await submitThree();
    const first = await harness.start({ killAt });
    await harness.until(first.isDead);
    await harness.start();
    await harness.untilEnded(ids, 20_000);
    await first.sweep();
    await expectAllOnce(ids);
  });

  it.each(sweptPoints)(
    '%s loses nothing and pays nothing twice when its spool is swept first',
    async (_what, killAt) => {
      const ids = await submitThree();
      const first = await harness.start({ killAt });
      await harness.until(first.isDead);
      await first.sweep();
      await harness.start();
      await harness.untilEnded(ids, 20_000);
      await expectAllOnce(ids);
    },
  );
});
