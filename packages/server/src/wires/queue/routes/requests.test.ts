import { attemptListSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { claimOne, succeed, work } from '../../../../test/request-moves.ts';
import { createApiKey } from '../../../keys/api-keys.ts';

const app = useApp();

describe('status and list', () => {
  it('answers the record with the keys of the wire in order', async () => {
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    const reply = await app.current.call({
      url: `${requestsUrl}/${request_id}`,
      headers: { 'content-type': 'application/json' },
    });
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(Object.keys(reply.json())).toEqual([
      'request_id',
      'org_id',
      'user_id',
      'model',
      'status',
      'is_public',
      'payload',
      'outcome',
      'created_at',
      'updated_at',
      'queued_at',
      'estimated_cost_usd',
      'cost_usd',
      'priority',
      'deadline_at',
      'wire',
      'queue',
    ]);
    expect(reply.json()).toMatchObject({ status: 'queued', outcome: null, is_public: false, org_id: 'default' });
  });

  it('walks all requests newest first, by offset and by cursor alike', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 60; index += 1)
      ids.unshift((await app.current.submit({ prompt: `number ${index}` })).json().request_id);
    const list = async (query: string) =>
      (await app.current.call({ url: `${requestsUrl}?model_id=${model}&${query}` })).json();
    const toIds = (page: { requests: { request_id: string }[] }) => page.requests.map((one) => one.request_id);

    const bare = (await app.current.call({ url: requestsUrl })).json();
    expect(toIds(bare)).toEqual(ids);
    expect(bare).toMatchObject({ total: 60, has_more: false });

    const first = await list('limit=40');
    expect(toIds(first)).toEqual(ids.slice(0, 40));
    expect(first).toMatchObject({ total: 60, has_more: true, next_cursor: ids[39] });
    const second = await list(`limit=40&cursor=${first.next_cursor}`);
    expect(toIds(second)).toEqual(ids.slice(40));
    expect(second.has_more).toBe(false);
    expect(toIds(await list('limit=40&offset=40'))).toEqual(ids.slice(40));
  });

  it('filters by model, under both names, and by status', async () => {
    await app.current.submit({ prompt: 'a' });
    await app.current.call({
      method: 'POST',
      url: requestsUrl,
      payload: { model: 'gemini-nano-banana-2.1', payload: { prompt: 'b' } },
    });
    const total = async (query: string) => (await app.current.call({ url: `${requestsUrl}?${query}` })).json().total;
    expect(await total('model=gemini-nano-banana-2.1')).toBe(1);
    expect(await total(`model_id=${model}&status=queued`)).toBe(1);
    expect(await total('status=success')).toBe(0);
    expect(await total('model_id=unknown')).toBe(0);
  });

  it('filters by text over its pages, and by creation time', async () => {
    const before = Math.floor(Date.now() / 1_000);
    const { request_id: owl } = (await app.current.submit({ prompt: 'A snowy OWL, 100% white' })).json();
    for (let index = 0; index < 60; index += 1) await app.current.submit({ prompt: `kite ${index}` });
    const list = async (query: string) => (await app.current.call({ url: `${requestsUrl}?${query}` })).json();
    const toIds = (page: { requests: { request_id: string }[] }) => page.requests.map((one) => one.request_id);
    expect(toIds(await list('text=snowy%20owl'))).toEqual([owl]);
    expect(await list('text=100%25&limit=1')).toMatchObject({ requests: [{ request_id: owl }], has_more: false });
    expect(await list('text=1000')).toMatchObject({ requests: [], total: 61, has_more: false });
    const kites = await list('text=kite&limit=40');
    expect(kites).toMatchObject({ has_more: true, next_cursor: kites.requests.at(-1).request_id });
    const rest = await list(`text=kite&limit=40&cursor=${kites.next_cursor}`);
    expect(new Set([...toIds(kites), ...toIds(rest)]).size).toBe(60);
    expect(rest).toMatchObject({ has_more: false });
    expect(toIds(await list(`created_from=${before}`))).toHaveLength(61);
    expect(toIds(await list(`created_before=${before}`))).toEqual([]);
    expect(toIds(await list(`created_from=${before + 3_600}&text=owl`))).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=1.5',
    'limit=x',
    'offset=-1',
    'status=done',
    'cursor=abc',
    'model_id=a&model_id=b',
    `text=${'a'.repeat(201)}`,
    'text=a&text=b',
    'offset=1&text=a',
    'created_from=yesterday',
    'created_before=-1',
    'created_from=1.5',
    'created_before=100000000001',
  ])('refuses the query %s', async (query) => {
    const reply = await app.current.call({ url: `${requestsUrl}?${query}` });
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_request']);
    expect(reply.json().error).toContain(query.split('=')[0]);
  });

  it('continues where a search has read as much as a call may', async () => {
    const { request_id: owl } = (await app.current.submit({ prompt: 'an owl' })).json();
    const long = ' '.repeat(30_000);
    const contents = Array.from({ length: 24 }, () => ({ role: 'user', parts: [{ text: `a kite${long}` }] }));
    for (let count = 0; count < 15; count += 1) await app.current.submit({ contents });
    const first = (await app.current.call({ url: `${requestsUrl}?text=owl` })).json();
    expect(first).toMatchObject({ requests: [], has_more: true });
    const second = (await app.current.call({ url: `${requestsUrl}?text=owl&cursor=${first.next_cursor}` })).json();
    expect(second).toMatchObject({ requests: [{ request_id: owl }], has_more: false });
  });
});

describe('the cost of a request and its deadline', () => {
  it('are in its record from the submit on', async () => {
    const body = { deadline_seconds: 90, priority: -3 };
    const { request_id, created_at } = (await app.current.submit({ prompt: 'a panda' }, { body })).json();
    const record = (await app.current.call({ url: `${requestsUrl}/${request_id}` })).json();
    expect(record).toMatchObject({ priority: -3, deadline_at: created_at + 90, cost_usd: 0 });
    expect(record.estimated_cost_usd).toBeCloseTo(0.1344, 3);
    await succeed(app.current);
    const done = (await app.current.call({ url: `${requestsUrl}/${request_id}` })).json();
    expect(done).toMatchObject({ status: 'success', cost_usd: 0.135, outcome: { cost_usd: 0.135 } });
    expect(done.media[0].thumbnail_url).toBe(`${done.outcome.media_urls[0].url}/thumbnail`);
    expect(done).not.toHaveProperty('queue');
  });
});

describe('why a queued request waits', () => {
  const readQueue = async (id: string) => {
    app.current.clock.advance(100);
    return (await app.current.call({ url: `${requestsUrl}/${id}` })).json().queue;
  };

  it('is in its record and in lists, and is at most a tenth of a second old', async () => {
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    expect(await readQueue(request_id)).toEqual({
      position: 0,
      estimated_start_at: null,
      waiting_for: 'turn',
      message: expect.stringMatching(/\.$/),
    });
    await app.current.admin('POST', `/models/${model}/pause`);
    expect(await readQueue(request_id)).toMatchObject({ waiting_for: 'operator' });
    const { requests } = (await app.current.call({ url: requestsUrl })).json();
    expect(requests[0].queue).toMatchObject({ waiting_for: 'operator' });
    await app.current.admin('POST', `/models/${model}/resume`);
    expect(await readQueue(request_id)).toMatchObject({ waiting_for: 'turn' });
  });

  it('names the limit of the upstream, and the failure of the try before with its time', async () => {
    const [first, second] = [await app.current.submit({ prompt: 'a' }), await app.current.submit({ prompt: 'b' })].map(
      (reply) => reply.json().request_id,
    );
    const availableAt = app.current.clock.now() + 20_000;
    const failure = { code: 'upstream_error', message: 'The upstream had an internal error.' } as const;
    await work(app.current, { end: { failure }, verdict: { kind: 'retry', availableAt, code: 'upstream_error' } });
    expect(await readQueue(first)).toEqual({
      position: null,
      estimated_start_at: Math.ceil(availableAt / 1_000),
      waiting_for: 'retry',
      message: expect.stringContaining('had an internal error'),
      until: Math.ceil(availableAt / 1_000),
    });
    // After a failure it is tried with one call at a time.
    await claimOne(app.current);
    expect(await readQueue(first)).toMatchObject({ waiting_for: 'limit' });
    expect((await app.current.call({ url: `${requestsUrl}/${second}` })).json()).not.toHaveProperty('queue');
  });
});

describe('the position of a queued request', () => {
  it('follows from the fair order, and its time from the speed of earlier requests', async () => {
    for (let index = 0; index < 3; index += 1) await app.current.submit({ prompt: 'earlier' });
    const { request_id } = (await app.current.submit({ prompt: 'last' })).json();
    const read = async () => (await app.current.call({ url: `${requestsUrl}/${request_id}` })).json().queue;
    expect(await read()).toMatchObject({ position: 3, estimated_start_at: null });
    // Each takes a second and a half.
    await succeed(app.current);
    app.current.clock.advance(1_000);
    let queue = await read();
    while (queue.estimated_start_at === null) queue = await read();
    const estimatedStartAt = Math.ceil((app.current.clock.now() + 3 * 1_500) / 1_000);
    expect(queue).toMatchObject({ position: 2, estimated_start_at: estimatedStartAt });
  });
});

describe('cancel', () => {
  const cancels = [
    ['POST', '/cancel'],
    ['DELETE', ''],
  ] as const;

  it.each(cancels)('by %s ends a queued request and answers its record', async (method, path) => {
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    const headers = { 'content-type': 'application/json' };
    const reply = await app.current.call({ method, url: `${requestsUrl}/${request_id}${path}`, headers });
    expect([reply.statusCode, reply.json().status]).toEqual([200, 'cancelled']);
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` })).json()).toEqual(reply.json());
  });

  it('by POST does not change an ended request', async () => {
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    await succeed(app.current);
    const before = (await app.current.call({ url: `${requestsUrl}/${request_id}` })).json();
    const reply = await app.current.call({ method: 'POST', url: `${requestsUrl}/${request_id}/cancel` });
    expect([reply.statusCode, reply.json()]).toEqual([200, before]);
  });

  it.each(cancels)('by %s does not reach the requests of another organization', async (method, path) => {
    const { store } = app.current;
    const other = await createApiKey(store.keys, { name: 'other', organizationIds: ['other'], now: 0 });
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    const reply = await app.current.call({ method, url: `${requestsUrl}/${request_id}${path}` }, other);
    expect(reply.statusCode).toBe(404);
    expect((await app.current.call({ url: `${requestsUrl}/${request_id}` })).json().status).toBe('queued');
  });
});

describe('the attempt log', () => {
  const read = async (id: string, as?: string) => app.current.call({ url: `${requestsUrl}/${id}/attempts` }, as);

  it('shows every call with its times, its cost and the words of the upstream', async () => {
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    const seconds = app.current.clock.now() / 1_000;
    expect((await read(request_id)).json()).toEqual({ attempts: [] });
    const failure = {
      code: 'upstream_error',
      message: 'It failed.',
      upstreamStatus: 500,
      upstreamMessage: 'x',
    } as const;
    const retry = { kind: 'retry', availableAt: 0, code: 'upstream_error' } as const;
    await work(app.current, { end: { failure, isPossiblyBilled: true }, verdict: retry });
    await claimOne(app.current);
    expect((await read(request_id)).json().attempts).toEqual([
      {
        number: 1,
        image: 0,
        upstream: 'main',
        result: 'failed',
        started_at: seconds,
        sent_at: seconds,
        ended_at: seconds + 1.5,
        cost_usd: 0,
        possibly_billed: true,
        failure: {
          code: 'upstream_error',
          message: 'It failed.',
          retryable: true,
          blame: 'upstream',
          upstream_status: 500,
          upstream_message: 'x',
        },
      },
      expect.objectContaining({ number: 2, result: null, started_at: seconds + 1.5, sent_at: null, ended_at: null }),
    ]);
  });

  it('shows what a succeeded call has used', async () => {
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    await succeed(app.current);
    const { attempts } = attemptListSchema.parse((await read(request_id)).json());
    expect(attempts).toEqual([
      expect.objectContaining({
        result: 'succeeded',
        cost_usd: 0.135,
        model_version: 'gemini-3-pro-image',
        response_id: 'answer-1',
        usage: expect.objectContaining({ image_tokens: 1_120 }),
      }),
    ]);
  });

  it('is 404 for the requests of another organization', async () => {
    const { store } = app.current;
    const other = await createApiKey(store.keys, { name: 'other', organizationIds: ['other'], now: 0 });
    const { request_id } = (await app.current.submit({ prompt: 'a' })).json();
    expect((await read(request_id, other)).statusCode).toBe(404);
  });
});
