import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { type AppHarness, model, useApp } from '../../test/app-harness.ts';
import { fail, succeed } from '../../test/request-moves.ts';
import { Problem } from '../core/problem.ts';
import { toHouseError } from '../http/error-reply.ts';
import { StoredBase64 } from '../http/json-answer.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { readIdempotency } from './idempotency.ts';
import { createLongCalls, type JsonCall, type LongSubmission } from './long-calls.ts';
import type { Wire, WirePorts } from './wire.ts';

let ports: WirePorts;
/** The requests whose client has left. */
const left: string[] = [];
/** The requests whose call waits on although its time is over. */
const overdue: string[] = [];
/** What the answer contains; the name of a picture to include. */
let picture: string | undefined;

/** A dialect with one call in JSON, and one that streams. */
function createHoldingWire(given: WirePorts): Wire {
  ports = given;
  const intake = {
    ...given.intake,
    left: async (...call: Parameters<typeof given.intake.left>) => {
      await given.intake.left(...call);
      left.push(call[0]);
    },
  };
  const calls = createLongCalls({ ...given, intake, toErrorReply: toHouseError });
  const toAnswer: JsonCall['toAnswer'] = ({ status, outcome }) => {
    if (outcome?.kind === 'failure') return { status: 422, body: { broken: outcome.failure.code } };
    return {
      status: 200,
      body: { état: status, ...(picture && { picture: new StoredBase64(picture, 'data:;base64,') }) },
    };
  };
  return {
    name: 'holding',
    scopes: [
      {
        prefix: '/hold',
        register: (scope, gates) => {
          const options = { onRequest: [gates.open()], config: { hashesBody: true } };
          scope.post('/json', options, (call, reply) =>
            calls.answer(call, reply, {
              submission: toSubmission(call),
              toAnswer,
              toAccepted: ({ id }) => ({ status: 202, headers: { location: `/hold/${id}` }, body: { id } }),
            }),
          );
          scope.post('/short', options, (call, reply) =>
            calls.answer(call, reply, { submission: toSubmission(call), timeoutMs: 5_000, toAnswer }),
          );
          scope.post('/patient', options, (call, reply) =>
            calls.answer(call, reply, {
              submission: toSubmission(call),
              timeoutMs: 5_000,
              atTimeout: async ({ id }) => overdue.push(id),
              toAnswer,
            }),
          );
          scope.post('/stream', options, (call, reply) =>
            calls.stream(call, reply, {
              submission: toSubmission(call),
              toStart: () => [{ event: 'begun', data: { ok: true } }],
              toEnd: async (request) => [{ data: (await toAnswer(request)).body }, { data: '[DONE]' }],
              toError: ({ message }) => [{ event: 'error', data: { message } }],
            }),
          );
        },
      },
    ],
    toErrorReply: toHouseError,
    openApi: { tags: [], paths: {} },
  };
}

/** What the last call has sent. */
let sent: WeakRef<object> = new WeakRef({});

function toSubmission(call: FastifyRequest): LongSubmission {
  const payload = { prompt: 'a lighthouse' };
  sent = new WeakRef(payload);
  return {
    caller: call.caller,
    model,
    payload,
    payloadText: () => JSON.stringify(payload),
    priority: 0,
    deadlineSeconds: 3_600,
    webhook: undefined,
    idempotency: readIdempotency(call),
    wire: 'holding',
    limits: 'model',
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void; // what the flag exposes

const app = useApp({ wires: (given) => [createHoldingWire(given)] });

const post = (url: string, headers = {}) => app.current.call({ method: 'POST', url, payload: {}, headers });

/** Makes the call, and resolves when it waits: to its later answer. */
async function startWaiting(call: () => ReturnType<typeof post>) {
  const before = app.current.clock.sleeping;
  const answer = call();
  // The wait itself, and the time until the call is kept alive.
  while (app.current.clock.sleeping < before + 2) await turn();
  return { answer };
}

/** Advances time while the call goes on, as a client sees it pass. */
async function pass(ms: number): Promise<void> {
  app.current.clock.advance(ms);
  for (let i = 0; i < 20; i += 1) await turn();
}

async function keepPicture({ folder }: AppHarness, bytes: Buffer): Promise<string> {
  const file = path.join(folder, 'given.png');
  await writeFile(file, bytes);
  return ports.media.keepAsIs({ path: file, bytes: bytes.length }, 'image/png');
}

describe('a call that waits for its request', () => {
  it('has the true status, the id, the cost and the pixels, when the request ends soon', async () => {
    picture = undefined;
    const { answer } = await startWaiting(() => post('/hold/json'));
    await succeed(app.current);
    const reply = await answer;
    expect([reply.statusCode, reply.json()]).toEqual([200, { état: 'success' }]);
    const { requests } = await app.current.store.requests.list({ organizationId: 'default', limit: 10 });
    expect(reply.headers).toMatchObject({
      'x-request-id': requests[0]?.id,
      'x-darkroom-cost-usd': '0.135',
      'x-darkroom-sizes': '1024x1024',
      'content-length': String(reply.rawPayload.length),
    });
    const failing = await startWaiting(() => post('/hold/json'));
    await fail(app.current);
    expect([(await failing.answer).statusCode, (await failing.answer).json()]).toEqual([
      422,
      { broken: 'prompt_blocked' },
    ]);
  });

  it.each(['json', 'stream'])('does not hold what it has sent, which may be pictures: %s', async (kind) => {
    const { answer } = await startWaiting(() => post(`/hold/${kind}`));
    // A reference that was made or read is kept until its turn ends.
    for (let i = 0; i < 20 && sent.deref(); i += 1) {
      await turn();
      collectGarbage();
    }
    expect(sent.deref()).toBeUndefined();
    await succeed(app.current);
    await answer;
  });

  it('is kept alive by white space before its JSON, and tells a late failure in the body', async () => {
    for (const [end, body] of [
      [succeed, { état: 'success' }],
      [fail, { broken: 'prompt_blocked' }],
    ] as const) {
      const { answer } = await startWaiting(() => post('/hold/json'));
      await pass(40_000);
      await pass(15_000);
      await pass(15_000);
      await end(app.current);
      const reply = await answer;
      expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(/^\n+/.exec(reply.body)?.[0].length).toBe(3);
      expect(reply.json()).toEqual(body);
    }
  });

  it('contains a stored picture in base64, byte for byte, whatever its length', async () => {
    for (const length of [1, 2, 3, 200_000, 200_001]) {
      const bytes = randomBytes(length);
      picture = await keepPicture(app.current, bytes);
      const { answer } = await startWaiting(() => post('/hold/json'));
      await succeed(app.current);
      const reply = await answer;
      expect(reply.json().picture).toBe(`data:;base64,${bytes.toString('base64')}`);
      expect(reply.headers['content-length']).toBe(String(reply.rawPayload.length));
    }
  });

  it('is refused when its picture is lost, also when it was kept alive', async () => {
    picture = `${'a'.repeat(32)}.png`;
    const { answer } = await startWaiting(() => post('/hold/json'));
    await succeed(app.current);
    expect([(await answer).statusCode, (await answer).json().code]).toEqual([410, 'media_lost']);
    const late = await startWaiting(() => post('/hold/json'));
    await pass(40_000);
    await succeed(app.current);
    expect([(await late.answer).statusCode, (await late.answer).json().code]).toEqual([200, 'media_lost']);
  });

  it('answers at once with a place to poll, when the caller prefers that', async () => {
    const reply = await post('/hold/json', { prefer: 'respond-async' });
    expect([reply.statusCode, reply.headers.location]).toEqual([202, `/hold/${reply.json().id}`]);
  });

  it('ends with the request as it is, when the caller waits for a limited time', async () => {
    picture = undefined;
    const { answer } = await startWaiting(() => post('/hold/short'));
    await pass(5_000);
    expect((await answer).json()).toEqual({ état: 'queued' });
  });

  it('can go on to the end when its time is over', async () => {
    picture = undefined;
    const { answer } = await startWaiting(() => post('/hold/patient'));
    await pass(5_000);
    while (overdue.length === 0) await turn();
    await succeed(app.current);
    const reply = await answer;
    expect([reply.json(), reply.headers['x-request-id']]).toEqual([{ état: 'success' }, overdue[0]]);
  });

  it.each(['json', 'patient'])(
    'is told to come back when the service stops, since its request goes on: %s',
    async (name) => {
      const { answer } = await startWaiting(() => post(`/hold/${name}`));
      await app.current.hub.stop();
      const reply = await answer;
      expect([reply.statusCode, reply.json().code, reply.headers['retry-after']]).toEqual([503, 'overloaded', '2']);
    },
  );

  it('is refused as everywhere when its submit is refused', async () => {
    expect((await app.current.call({ method: 'POST', url: '/hold/json', payload: {} }, 'wrong')).statusCode).toBe(401);
  });
});

describe('a call that streams', () => {
  it('begins at once, is kept alive by comments, and ends with its events', async () => {
    const bytes = randomBytes(1_000);
    picture = await keepPicture(app.current, bytes);
    const { answer } = await startWaiting(() => post('/hold/stream'));
    await pass(15_000);
    await pass(15_000);
    await succeed(app.current);
    const { body, headers } = await answer;
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': /^.+$/ });
    const data = JSON.stringify({ état: 'success', picture: `data:;base64,${bytes.toString('base64')}` });
    expect(body).toBe(`event: begun\ndata: {"ok":true}\n\n: alive\n\n: alive\n\ndata: ${data}\n\ndata: [DONE]\n\n`);
  });

  it('tells a failure by an event', async () => {
    picture = `${'a'.repeat(32)}.png`;
    const { answer } = await startWaiting(() => post('/hold/stream'));
    await succeed(app.current);
    const { message } = new Problem(
      'media_lost',
      `The picture ${picture} is lost: its bytes are no longer in the storage.`,
    );
    expect((await answer).body).toContain(`event: error\ndata: ${JSON.stringify({ message })}\n\n`);
  });
});

describe('a call whose line is cut', () => {
  const headers = (key = app.current.key) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

  /** Calls over a real line, and cuts it while the call waits. Resolves to the request when the cut was noticed. */
  async function callAndCut(url: string, more: Readonly<Record<string, string>> = headers()) {
    const line = new AbortController();
    const before = [left.length, app.current.clock.sleeping] as const;
    const call = fetch(url, { method: 'POST', body: '{}', headers: { ...headers(), ...more }, signal: line.signal });
    while (app.current.clock.sleeping < before[1] + 2) await turn();
    line.abort();
    await expect(call).rejects.toThrow();
    while (left.length === before[0]) await turn();
    return left.at(-1) ?? '';
  }

  const listen = async () => `${await app.current.app.listen({ port: 0, host: '127.0.0.1' })}/hold/json`;
  const statusOf = async (id: string) => (await app.current.store.requests.find('default', id))?.status;

  it('goes on, and the same call joins its request: while it is made, and when the picture is there', async () => {
    picture = undefined;
    const url = await listen();
    const id = await callAndCut(url);
    expect(await callAndCut(url)).toBe(id);
    await succeed(app.current);
    const reply = await fetch(url, { method: 'POST', body: '{}', headers: headers() });
    expect([reply.headers.get('x-request-id'), await reply.json()]).toEqual([id, { état: 'success' }]);
    expect(reply.headers.get('idempotent-replayed')).toBe('true');
    expect((await app.current.store.requests.list({ organizationId: 'default', limit: 9 })).total).toBe(1);
  });

  it('joins no request of another Idempotency-Key', async () => {
    const url = await listen();
    const ids = [];
    for (const key of ['a', 'b', 'a', undefined])
      ids.push(await callAndCut(url, key === undefined ? {} : { 'idempotency-key': key }));
    expect([new Set(ids).size, ids[2]]).toEqual([3, ids[0]]);
  });

  it('does not cancel what another call of its Idempotency-Key waits for', async () => {
    const url = await listen();
    const wish = { 'idempotency-key': 'ours', 'x-darkroom-when-gone': 'cancel' };
    const other = await startWaiting(() => post('/hold/json', wish));
    const id = await callAndCut(url, wish);
    expect(await statusOf(id)).toBe('queued');
    await succeed(app.current);
    const { headers: told } = await other.answer;
    expect(told['x-request-id']).toBe(id);
    expect((await post('/hold/json', wish)).headers['x-request-id']).toBe(id);
  });

  it('joins its request as a retry even before the cut was noticed, and a later call does not', async () => {
    const first = await startWaiting(() => post('/hold/json'));
    const retry = await startWaiting(() => post('/hold/json', { 'x-stainless-retry-count': '1' }));
    await succeed(app.current);
    const [one, two] = await Promise.all([first.answer, retry.answer]);
    expect(two.headers['x-request-id']).toBe(one.headers['x-request-id']);
    expect((await post('/hold/json', { prefer: 'respond-async' })).json().id).not.toBe(one.headers['x-request-id']);
  });

  it('cancels what is still queued when the call or the owner of its key wants that', async () => {
    const url = await listen();
    const { keys } = app.current.store;
    const key = await createApiKey(keys, { name: 'hasty', cancelWhenGone: true, now: app.current.clock.now() });
    const wishes = [headers(), { 'x-darkroom-when-gone': 'cancel' }, headers(key)];
    const statuses = [];
    for (const wish of wishes) statuses.push(await statusOf(await callAndCut(url, wish)));
    expect(statuses).toEqual(['queued', 'cancelled', 'cancelled']);
    expect(await statusOf(await callAndCut(url, { ...headers(key), 'x-darkroom-when-gone': 'keep' }))).toBe('queued');
  });
});

describe('web pages of other origins', () => {
  it('may call and read the answers, with a key and without cookies', async () => {
    const origin = 'https://app.example.com';
    const preflight = await app.current.app.inject({
      method: 'OPTIONS',
      url: '/hold/json',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-stainless-lang',
      },
    });
    expect([preflight.statusCode, preflight.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'authorization,x-stainless-lang',
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      },
    ]);
    const reply = await post('/hold/json', { origin, prefer: 'respond-async' });
    expect(reply.headers).toMatchObject({ 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' });
    expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    const { answer } = await startWaiting(() => post('/hold/stream', { origin }));
    await succeed(app.current);
    await succeed(app.current);
    expect((await answer).headers['access-control-allow-origin']).toBe('*');
  });
});
