import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../core/image-request.ts';
import type { RequestEvent, RequestMoment } from '../../core/request-events.ts';
import type { EventStore } from '../event-store.ts';
import {
  beginOne,
  claimOne,
  failureOutcome,
  leaseMs,
  start,
  submitOne,
  successOutcome,
  toCallEnd,
  toNewRequest,
  upstream,
} from './fixtures.ts';
import { type CreateStoreUnderTest, useStore } from './use-store.ts';

const now = start + leaseMs;
const succeed: Verdict = { kind: 'succeed', outcome: successOutcome };
const fail: Verdict = { kind: 'fail', outcome: failureOutcome };
const retry = { kind: 'retry', availableAt: now + 5_000, code: 'upstream_overloaded' } as const satisfies Verdict;

const all = { after: 0, limit: 1_000 };
const queued: RequestMoment = { kind: 'queued' };
const claimed = { kind: 'claimed', attempt: 1, upstream: upstream.name, calls: 1 } as const;
const sent: RequestMoment = { kind: 'sent', attempt: 1, image: 0, upstream: upstream.name };
const answered = { kind: 'answered', attempt: 1, image: 0, result: 'succeeded', costMicros: 134_000 } as const;

function toMoments(events: readonly RequestEvent[]): readonly RequestMoment[] {
  return events.map(({ moment }) => moment);
}

async function momentsOf(events: EventStore, requestId: string): Promise<readonly RequestMoment[]> {
  return toMoments(await events.ofRequest('org-a', requestId, all));
}

export function describeHistory(create: CreateStoreUnderTest): void {
  const test = useStore(create);

  describe('the history of a request', () => {
    it('records its life from submit to success, each moment at its time', async () => {
      const { store, events } = test.current;
      const { lease } = await beginOne(store);
      await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now });
      const history = await events.ofRequest('org-a', lease.requestId, all);
      expect(toMoments(history)).toEqual([queued, claimed, sent, answered, { kind: 'succeeded', pictures: 1 }]);
      expect(history.map(({ at }) => at)).toEqual([start, start, start, start + 20_000, now]);
      expect(history).toMatchObject(history.map(() => ({ requestId: lease.requestId, organizationId: 'org-a' })));
    });

    it.each([
      [fail, { kind: 'failed', code: failureOutcome.failure.code }],
      [retry, retryingMoment()],
      [{ kind: 'interrupt' }, { kind: 'returned' }],
    ] satisfies [Verdict, RequestMoment][])('records how an attempt ended: %o', async (verdict, moment) => {
      const { store, events } = test.current;
      const { lease } = await beginOne(store);
      const { failure } = failureOutcome;
      const ends = [toCallEnd({ result: 'failed', costMicros: 3, failure })];
      await store.settle({ lease, ends, verdict, now });
      const end = { ...answered, result: 'failed', costMicros: 3, code: failure.code };
      expect((await momentsOf(events, lease.requestId)).slice(3)).toEqual([end, moment]);
    });

    it('records a call without an answer, and its answer when that comes late', async () => {
      const { store, events } = test.current;
      const { lease } = await beginOne(store);
      await store.rescue({ now, limit: 1, decide: () => retry });
      await store.endCalls(lease, [toCallEnd()]);
      await store.endCalls(lease, [toCallEnd()]);
      const lost = { ...answered, result: 'lost', costMicros: 0 };
      const after = (await momentsOf(events, lease.requestId)).slice(3);
      expect(after).toEqual([lost, retryingMoment(), answered]);
    });

    it('records a cancel once, and an answer that came after it', async () => {
      const { store, events } = test.current;
      const { lease } = await beginOne(store);
      await store.cancel('org-a', lease.requestId, now);
      await store.cancel('org-a', lease.requestId, now);
      await store.settle({ lease, ends: [toCallEnd()], verdict: succeed, now });
      await store.cancel('org-b', lease.requestId, now);
      expect((await momentsOf(events, lease.requestId)).slice(3)).toEqual([{ kind: 'cancelled' }, answered]);
    });

    it('records a deadline that came, and an operator who queues it again', async () => {
      const { store, events } = test.current;
      const id = await submitOne(store);
      await store.expire({ now: start + 3_600_000, limit: 1, decide: () => fail });
      await store.requeue([id], now);
      await store.requeue([id], now);
      const failed = { kind: 'failed', code: failureOutcome.failure.code };
      expect(await momentsOf(events, id)).toEqual([queued, failed, queued]);
    });

    it('contains nothing of a write that was refused or rolled back', async () => {
      const { store, events } = test.current;
      const id = await submitOne(store);
      const { lease } = await claimOne(store);
      const before = await events.last();
      await expect(store.submit(toNewRequest({ id }))).rejects.toThrow();
      await expect(store.beginCalls(lease, { imageIndexes: [0, 1], now })).rejects.toThrow();
      const decide = () => {
        throw new Error('no verdict');
      };
      await expect(store.rescue({ now, limit: 1, decide })).rejects.toThrow('no verdict');
      const stale = { ...lease, token: 'stale' };
      expect(await store.settle({ lease: stale, ends: [toCallEnd()], verdict: succeed, now })).toBe(false);
      expect(await events.last()).toBe(before);
      expect(await momentsOf(events, id)).toEqual([queued, claimed]);
    });

    it('is shown to no other organization', async () => {
      const { store, events } = test.current;
      const id = await submitOne(store);
      expect(await events.ofRequest('org-b', id, all)).toEqual([]);
      expect(await events.ofOrganization('org-b', all)).toEqual([]);
      expect(await events.ofRequest('org-a', 'another', all)).toEqual([]);
    });
  });

  describe('the history of all requests', () => {
    it('grows in one order for all, whichever connection writes', async () => {
      const { store, events } = test.current;
      const other = await test.current.connect();
      const ids = [await submitOne(store), await submitOne(other.store), await submitOne(store)];
      const read = await events.readAfter(0, 9);
      expect(read.map(({ requestId }) => requestId)).toEqual(ids);
      expect(read.map(({ seq }) => seq)).toEqual(read.map(({ seq }) => seq).toSorted((a, b) => a - b));
      expect(await other.events.readAfter(0, 9)).toEqual(read);
      expect(await events.last()).toBe(read.at(-1)?.seq);
    });

    it('is empty, and its last event is 0, before the first', async () => {
      const { events } = test.current;
      expect([await events.last(), await events.readAfter(0, 9)]).toEqual([0, []]);
    });

    it('gives an organization its own', async () => {
      const { store, events } = test.current;
      const own = await submitOne(store);
      await submitOne(store, { organizationId: 'org-b' });
      await store.cancel('org-a', own, now);
      const read = await events.ofOrganization('org-a', all);
      expect(toMoments(read)).toEqual([queued, { kind: 'cancelled' }]);
      const [first, second] = read;
      expect(await events.ofOrganization('org-a', { after: first?.seq ?? 0, limit: 9 })).toEqual([second]);
      expect(await events.ofOrganization('org-a', { after: 0, limit: 1 })).toEqual([first]);
    });

    it('read in pieces while another connection writes is the same as read at once', async () => {
      const { events } = test.current;
      const writer = await test.current.connect();
      let isWriting = true;
      const writing = Promise.all(Array.from({ length: 60 }, () => beginOne(writer.store))).then(() => {
        isWriting = false;
      });
      const pieces: RequestEvent[] = [];
      for (let isBehind = true; isBehind || isWriting; ) {
        const piece = await events.readAfter(pieces.at(-1)?.seq ?? 0, 7);
        pieces.push(...piece);
        isBehind = piece.length > 0;
        await new Promise(setImmediate);
      }
      await writing;
      pieces.push(...(await events.readAfter(pieces.at(-1)?.seq ?? 0, 1_000)));
      expect(pieces).toHaveLength(180);
      expect(pieces).toEqual(await events.readAfter(0, 1_000));
      expect(pieces).toEqual(await events.ofOrganization('org-a', all));
    });
  });

  describe('an event whose row is damaged', () => {
    it.each([
      ['that is cut off', '{"kind":"que'],
      ['of a kind that there is not', '{"kind":"queueing"}'],
      ['that is no object', 'null'],
    ])('with JSON %s is skipped, and every reader gets all others', async (_what, moment) => {
      const { store, events } = test.current;
      const id = await submitOne(store);
      const other = await submitOne(store);
      await store.cancel('org-a', id, now);
      await test.current.spoil(`UPDATE events SET moment = '${moment}' WHERE request_id = '${id}' AND seq <= 2`);
      const cancelled = { requestId: id, moment: { kind: 'cancelled' } };
      expect(await events.ofRequest('org-a', id, all)).toMatchObject([cancelled]);
      expect(await events.ofOrganization('org-a', all)).toMatchObject([{ requestId: other }, cancelled]);
      expect(await events.readAfter(0, 9)).toMatchObject([{ requestId: other }, cancelled]);
    });

    it('does not stop a reader that reads piece by piece, however many there are', async () => {
      const { store, events } = test.current;
      for (let i = 0; i < 5; i++) await submitOne(store);
      const last = await submitOne(store);
      await test.current.spoil(`UPDATE events SET moment = '' WHERE request_id <> '${last}'`);
      expect(await events.readAfter(0, 2)).toMatchObject([{ requestId: last }]);
      expect(await events.ofOrganization('org-a', { after: 0, limit: 1 })).toMatchObject([{ requestId: last }]);
    });
  });
}

function retryingMoment(): RequestMoment {
  return { kind: 'retrying', code: retry.code, availableAt: retry.availableAt };
}
