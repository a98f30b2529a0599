import { failedListSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../test/app-harness.ts';
import { blocked, fail } from '../../../test/request-moves.ts';
import { createApiKey } from '../../keys/api-keys.ts';
import type { RequestStore } from '../../store/request-store.ts';

/** Runs before the app's next requeue. */
let beforeRequeue: () => Promise<void> = async () => undefined;

const app = useApp({
  wrapStore: (store): RequestStore => ({
    ...store,
    requeue: async (ids, now) => {
      await beforeRequeue();
      return store.requeue(ids, now);
    },
  }),
});

const noImage = { code: 'no_image', message: 'The model made no picture.' } as const;

async function submitAndFail(failure: Parameters<typeof fail>[1] = blocked, as?: string): Promise<string> {
  const { request_id } = (await app.current.submit({ prompt: 'a' }, { ...(as !== undefined && { as }) })).json();
  await fail(app.current, failure);
  return request_id;
}

const statusOf = async (id: string) => (await app.current.call({ url: `${requestsUrl}/${id}` })).json().status;
const toIds = (reply: { json(): { requests: { request_id: string }[] } }) =>
  reply.json().requests.map((one) => one.request_id);

describe('failed requests', () => {
  it('are listed newest first over all organizations, by code and organization, page by page', async () => {
    const other = await createApiKey(app.current.store.keys, { name: 'o', organizationIds: ['other'], now: 0 });
    const ids = [await submitAndFail(), await submitAndFail(noImage), await submitAndFail(blocked, other)].reverse();
    await app.current.submit({ prompt: 'queued' });
    const all = await app.current.admin('GET', '/failed');
    failedListSchema.parse(all.json());
    expect([toIds(all), all.json().has_more]).toEqual([ids, false]);
    expect(toIds(await app.current.admin('GET', '/failed?code=no_image'))).toEqual([ids[1]]);
    expect(toIds(await app.current.admin('GET', '/failed?organization_id=other'))).toEqual([ids[0]]);
    const page = await app.current.admin('GET', '/failed?limit=2');
    expect(page.json()).toMatchObject({ has_more: true, next_cursor: ids[1] });
    expect(toIds(await app.current.admin('GET', `/failed?limit=2&cursor=${ids[1]}`))).toEqual([ids[2]]);
  });

  it.each(['code=nothing', 'limit=0', 'limit=1.5', 'cursor=x'])('refuse the query %s', async (query) => {
    const reply = await app.current.admin('GET', `/failed?${query}`);
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringContaining(query.split('=')[0] ?? '')]);
  });
});

describe('requeue', () => {
  it('queues some again by their ids, reports which it could not, and hints the workers', async () => {
    const [failed, queued] = [await submitAndFail(), (await app.current.submit({ prompt: 'b' })).json().request_id];
    let hints = 0;
    app.current.notifier.onQueued(() => {
      hints += 1;
    });
    const reply = await app.current.admin('POST', '/requeue', { request_ids: [failed, failed, queued, 'unknown'] });
    expect(reply.json()).toEqual({ requeued: 1, skipped: [queued, 'unknown'] });
    expect([await statusOf(failed), hints]).toEqual(['queued', 1]);
  });

  it('queues all of a code, of an organization, or all', async () => {
    const other = await createApiKey(app.current.store.keys, { name: 'o', organizationIds: ['other'], now: 0 });
    await submitAndFail();
    await submitAndFail(noImage);
    await submitAndFail(noImage, other);
    await submitAndFail(blocked, other);
    const requeue = async (body: object) => (await app.current.admin('POST', '/requeue', body)).json().requeued;
    expect(await requeue({ code: 'no_image', organization_id: 'other' })).toBe(1);
    expect(await requeue({ code: 'no_image' })).toBe(1);
    expect(await requeue({ all: true })).toBe(2);
    expect(await requeue({ all: true })).toBe(0);
  });

  it('makes one pass over more than one page, and leaves what fails meanwhile', async () => {
    for (let count = 0; count < 120; count += 1) await submitAndFail();
    let late = '';
    beforeRequeue = async () => {
      beforeRequeue = async () => undefined;
      app.current.clock.advance(10);
      late = await submitAndFail();
    };
    expect((await app.current.admin('POST', '/requeue', { all: true })).json()).toEqual({ requeued: 120 });
    expect(await statusOf(late)).toBe('failed');
  });

  it.each([
    [{}, /request_ids or code or all/],
    [{ all: true, code: 'no_image' }, /only one of them/],
    [{ all: false }, /all must be true/],
    [{ request_ids: [] }, /request_ids is empty/],
    [{ code: 'nothing' }, /code is not the code of a failure. The codes are upstream_overloaded/],
    [{ request_ids: ['a'], organization_id: 'default' }, /organization_id can only be used with/],
  ])('refuses %j', async (body, words) => {
    const reply = await app.current.admin('POST', '/requeue', body);
    expect([reply.statusCode, reply.json().error]).toEqual([400, expect.stringMatching(words)]);
  });
});
