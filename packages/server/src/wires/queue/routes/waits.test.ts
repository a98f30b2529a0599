import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { fail, succeed } from '../../../../test/request-moves.ts';
import { createApiKey } from '../../../keys/api-keys.ts';

const app = useApp();

const prefer = (text: string) => ({ headers: { prefer: text } });
const read = (id: string, text = 'wait=60') =>
  app.current.call({ url: `${requestsUrl}/${id}`, headers: { prefer: text } });

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

/** Makes the call, and resolves when it waits: to its later answer. */
async function startWaiting<T>(call: () => Promise<T>): Promise<{ readonly answer: Promise<T> }> {
  const before = app.current.clock.sleeping;
  const answer = call();
  await until(() => app.current.clock.sleeping > before);
  return { answer };
}

describe('Prefer: wait', () => {
  it('answers a submit with the whole record, as soon as the request has ended', async () => {
    const { answer } = await startWaiting(() => app.current.submit({ prompt: 'a' }, prefer('wait=600')));
    await succeed(app.current);
    const reply = await answer;
    expect([reply.statusCode, reply.headers['preference-applied']]).toEqual([200, 'wait=600']);
    expect(reply.json()).toMatchObject({ status: 'success', outcome: { media_urls: [{ id: '0' }] } });
  });

  it('answers a status with the record, at its end, however it ends', async () => {
    for (const end of [() => fail(app.current), (id: string) => cancel(id)]) {
      const { request_id: id } = (await app.current.submit({ prompt: 'a' })).json();
      const { answer } = await startWaiting(() => read(id));
      await end(id);
      const reply = await answer;
      expect(reply.headers['preference-applied']).toBe('wait=60');
      expect(reply.json()).toEqual((await app.current.call({ url: `${requestsUrl}/${id}` })).json());
      expect(['failed', 'cancelled']).toContain(reply.json().status);
    }
  });

  const cancel = (id: string) => app.current.call({ method: 'POST', url: `${requestsUrl}/${id}/cancel` });

  it('answers with the record as it is when the time is over', async () => {
    const { answer } = await startWaiting(() => app.current.submit({ prompt: 'a' }, prefer('wait=2')));
    app.current.clock.advance(2_000);
    const reply = await answer;
    expect([reply.statusCode, reply.headers['preference-applied']]).toEqual([200, 'wait=2']);
    expect(reply.json()).toMatchObject({
      status: 'queued',
      outcome: null,
      queue: { waiting_for: 'turn', position: 0 },
    });
  });

  it('answers at once for a request that has ended', async () => {
    const { request_id: id } = (await app.current.submit({ prompt: 'a' })).json();
    await succeed(app.current);
    expect((await read(id)).json()).toMatchObject({ status: 'success' });
  });

  it('waits for the request of an idempotent submit that is sent again', async () => {
    const headers = { 'idempotency-key': 'k', prefer: 'wait=60' };
    const { answer: first } = await startWaiting(() => app.current.submit({ prompt: 'a' }, { headers }));
    const { answer: again } = await startWaiting(() => app.current.submit({ prompt: 'a' }, { headers }));
    await succeed(app.current);
    expect((await again).headers['idempotent-replayed']).toBe('true');
    expect((await again).json()).toEqual((await first).json());
  });

  it.each(['wait=0', 'wait=abc', 'respond-async'])('changes nothing when it is %s', async (text) => {
    const reply = await app.current.submit({ prompt: 'a' }, prefer(text));
    expect(Object.keys(reply.json())).toEqual([
      'request_id',
      'model',
      'status',
      'created_at',
      'updated_at',
      'queued_at',
    ]);
    expect(reply.headers['preference-applied']).toBeUndefined();
  });

  it('reveals nothing about missing requests or another organization’s', async () => {
    const { request_id: id } = (await app.current.submit({ prompt: 'a' })).json();
    const other = await createApiKey(app.current.store.keys, { name: 'b', organizationIds: ['org-b'], now: 0 });
    expect((await read('none')).statusCode).toBe(404);
    const headers = { prefer: 'wait=60' };
    expect((await app.current.call({ url: `${requestsUrl}/${id}`, headers }, other)).statusCode).toBe(404);
  });

  it('costs nothing any more when the client has gone', async () => {
    const url = await app.current.app.listen({ port: 0, host: '127.0.0.1' });
    const idle = app.current.clock.sleeping;
    const client = new AbortController();
    const { answer } = await startWaiting(async () =>
      fetch(`${url}${requestsUrl}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${app.current.key}`,
          'content-type': 'application/json',
          prefer: 'wait=600',
        },
        body: JSON.stringify({ model, payload: { prompt: 'a' } }),
        signal: client.signal,
      }).catch(() => 'gone'),
    );
    client.abort();
    expect(await answer).toBe('gone');
    await until(() => app.current.clock.sleeping === idle);
  });

  it('ends when the server shuts down, with the record as it is', async () => {
    const { answer } = await startWaiting(() => app.current.submit({ prompt: 'a' }, prefer('wait=600')));
    await app.current.hub.stop();
    expect((await answer).json()).toMatchObject({ status: 'queued' });
  });
});
