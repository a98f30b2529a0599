import { setImmediate as turn } from 'node:timers/promises';
import { maxReferenceBytes } from '@darkroom/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { isDurable, openStream, type StreamedEvent } from '../../../../test/event-stream.ts';
import { claimOne, fail, succeed, work } from '../../../../test/request-moves.ts';
import { housePrefix } from '../../../http/prefixes.ts';
import { createApiKey } from '../../../keys/api-keys.ts';

const app = useApp();
let url: string;
beforeEach(async () => {
  url = await app.current.app.listen({ port: 0, host: '127.0.0.1' });
});

const submit = async (payload: object = { prompt: 'a' }): Promise<string> =>
  (await app.current.submit(payload)).json().request_id;
const open = (id: string, lastEventId?: string) =>
  openStream(`${url}${requestsUrl}/${id}/events`, { key: app.current.key, lastEventId });
const openAll = (lastEventId?: string) =>
  openStream(`${url}${housePrefix}/events`, { key: app.current.key, lastEventId });

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

/** Lets seconds pass until the stream has sent an event of this name; returns that event. */
async function beatUntil(events: AsyncGenerator<StreamedEvent>, name: string): Promise<StreamedEvent> {
  for (;;) {
    let isThere = false;
    const next = events.next().finally(() => {
      isThere = true;
    });
    while (!isThere) {
      app.current.clock.advance(1_000);
      for (let index = 0; index < 20; index += 1) await turn();
    }
    const { value } = await next;
    if (!value) throw new Error(`The stream ended before ${name}.`);
    if (value.name === name) return value;
  }
}

/** All durable events of one connection. */
async function read(id: string, lastEventId?: string): Promise<StreamedEvent[]> {
  const { events } = await open(id, lastEventId);
  return (await Array.fromAsync(events)).filter(isDurable);
}

/** The same with a client that is cut off at every event. */
async function readInPieces(id: string): Promise<StreamedEvent[]> {
  const told: StreamedEvent[] = [];
  while (told.at(-1)?.name !== 'end') {
    const { events, cut } = await open(id, told.at(-1)?.id);
    for await (const event of events) {
      if (!isDurable(event)) continue;
      told.push(event);
      break;
    }
    cut();
  }
  return told;
}

const failure = { code: 'upstream_answer_invalid', message: 'The answer cannot be read.' } as const;
const steps = {
  retry: async () => {
    const availableAt = app.current.clock.now() + 1_000;
    await work(app.current, { end: { failure }, verdict: { kind: 'retry', availableAt, code: failure.code } });
    app.current.clock.advance(1_000);
  },
  interrupt: () => work(app.current, { end: { result: 'interrupted' }, verdict: { kind: 'interrupt' } }),
};
const ends = {
  succeed: () => succeed(app.current),
  fail: () => fail(app.current),
  cancel: (id: string) => app.current.store.requests.cancel('default', id, app.current.clock.now()),
  cancelUnderWay: async (id: string) => {
    await claimOne(app.current);
    await app.current.store.requests.cancel('default', id, app.current.clock.now());
  },
};

const course = fc.record({
  steps: fc.array(fc.constantFrom('retry', 'interrupt'), { maxLength: 3 }),
  end: fc.constantFrom('succeed', 'fail', 'cancel', 'cancelUnderWay'),
});

/** FC_SEED repeats a failure, FC_NUM_RUNS makes it longer. */
function toParameters({ FC_SEED: seed, FC_NUM_RUNS: runs }: NodeJS.ProcessEnv) {
  return { numRuns: Number(runs ?? 12), ...(seed !== undefined && { seed: Number(seed) }) };
}

describe('the stream of a request', () => {
  it('is the same whether it is cut at every event or never, while the request goes on and afterwards', async () => {
    const property = fc.asyncProperty(fc.option(course), course, async (before, now) => {
      const id = await submit();
      const go = async ({ steps: names, end }: typeof now) => {
        for (const name of names) await steps[name]();
        await ends[end](id);
      };
      if (before?.end === 'fail' || before?.end === 'cancel') {
        await go(before);
        await app.current.store.requests.requeue([id], app.current.clock.now());
      }
      const live = [read(id), readInPieces(id)];
      await go(now);
      const [uncut, cut] = await Promise.all(live);
      const history = await app.current.store.events.ofRequest('default', id, { after: 0, limit: 1_000 });
      expect(uncut?.map((event) => event.id)).toEqual([
        ...history.map(({ seq }) => String(seq)),
        `${history.at(-1)?.seq}-end`,
      ]);
      expect(cut).toEqual(uncut);
      expect(await read(id)).toEqual(uncut);
      expect(await readInPieces(id)).toEqual(uncut);
    });
    await fc.assert(property, toParameters(process.env));
  }, 60_000);

  it('sends each moment with its facts, and ends with the record', async () => {
    const id = await submit();
    await steps.retry();
    await succeed(app.current);
    const events = await read(id);
    const told = events.map(({ name, data }) => ({ name, ...JSON.parse(data) }));
    expect(told).toMatchObject([
      { name: 'status', request_id: id, status: 'queued', moment: 'queued' },
      { name: 'status', status: 'processing', moment: 'claimed', attempt: 1, upstream: 'main', calls: 1 },
      { name: 'attempt', moment: 'sent', attempt: 1, image: 0, upstream: 'main' },
      { name: 'attempt', moment: 'answered', result: 'failed', code: failure.code, cost_usd: 0 },
      { name: 'status', status: 'queued', moment: 'retrying', code: failure.code, retry_at: expect.any(Number) },
      { name: 'status', status: 'processing', moment: 'claimed', attempt: 2 },
      { name: 'attempt', moment: 'sent', attempt: 2 },
      { name: 'attempt', moment: 'answered', result: 'succeeded', cost_usd: 0.135 },
      { name: 'status', status: 'success', moment: 'succeeded', pictures: 1 },
      { name: 'end', request_id: id, status: 'success' },
    ]);
    const record = (await app.current.call({ url: `${requestsUrl}/${id}` })).body;
    expect(events.at(-1)?.data).toBe(record);
  });

  it('is answered as a stream that no cache keeps', async () => {
    const { response, cut } = await open(await submit());
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-store',
    ]);
    cut();
  });

  it('that was read to its end is not sent again, which keeps browsers from reconnecting', async () => {
    const id = await submit();
    await fail(app.current);
    const last = (await read(id)).at(-1)?.id;
    expect((await open(id, last)).response.status).toBe(204);
    await app.current.store.requests.requeue([id], app.current.clock.now());
    await succeed(app.current);
    expect((await read(id, last)).map(({ name }) => name)).toEqual([
      'status',
      'status',
      'attempt',
      'attempt',
      'status',
      'end',
    ]);
  });

  it('can also continue by the query, for clients that cannot set headers', async () => {
    const id = await submit();
    await fail(app.current);
    const [first, ...others] = await read(id);
    const key = app.current.key;
    const { events } = await openStream(`${url}${requestsUrl}/${id}/events?last_event_id=${first?.id}`, { key });
    expect((await Array.fromAsync(events)).filter(isDurable)).toEqual(others);
  });

  it('does not exist for a missing request or another organization’s; nor after an invalid id', async () => {
    const id = await submit();
    const other = await createApiKey(app.current.store.keys, { name: 'b', organizationIds: ['org-b'], now: 0 });
    const statusOf = async (call: ReturnType<typeof openStream>) => (await call).response.status;
    expect(await statusOf(open('none'))).toBe(404);
    expect(await statusOf(openStream(`${url}${requestsUrl}/${id}/events`, { key: other }))).toBe(404);
    expect(await statusOf(open(id, 'abc'))).toBe(400);
  });

  it('sends the position of the request when it has changed, and that it is alive when nothing happens', async () => {
    const [first, second] = [await submit(), await submit()];
    const { events, cut } = await open(second);
    expect(JSON.parse((await beatUntil(events, 'queue')).data)).toMatchObject({ position: 1, waiting_for: 'turn' });
    expect(await beatUntil(events, ':')).toMatchObject({ data: 'alive' });
    await app.current.store.requests.cancel('default', first, app.current.clock.now());
    expect(JSON.parse((await beatUntil(events, 'queue')).data)).toMatchObject({ position: 0 });
    cut();
  });

  it('sends how long the call under way has taken, and how long it usually takes', async () => {
    await submit();
    await succeed(app.current);
    const { events, cut } = await open(await submit());
    const claim = await claimOne(app.current);
    await app.current.store.requests.beginCalls(claim.lease, { imageIndexes: [0], now: app.current.clock.now() });
    const progress = JSON.parse((await beatUntil(events, 'progress')).data);
    expect(progress).toEqual({ attempt: 1, elapsed_ms: expect.any(Number), typical_ms: 1_500 });
    expect(progress.elapsed_ms).toBeGreaterThanOrEqual(1_000);
    cut();
  });

  it('cuts off a reader that reads nothing for ten seconds, and that reader can continue where it was', async () => {
    const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], maxReferenceBytes);
    const id = await submit({ prompt: 'a', image: `data:image/png;base64,${png.toString('base64')}` });
    await fail(app.current);
    const idle = app.current.clock.sleeping;
    const { events, response } = await open(id);
    const heard = [(await events.next()).value, (await events.next()).value];
    // The end has more bytes than the sockets hold: it waits for the reader, who reads no further.
    await until(() => app.current.clock.sleeping >= idle + 2);
    app.current.clock.advance(10_000);
    await expect(Array.fromAsync(events)).rejects.toThrow();
    expect(response.ok).toBe(true);
    const last = heard.at(-1)?.id;
    expect((await read(id, last)).at(-1)?.data).toHaveLength(
      (await app.current.call({ url: `${requestsUrl}/${id}` })).body.length,
    );
  });

  it('stops without an end when the server shuts down: the client continues elsewhere', async () => {
    const id = await submit();
    const { events } = await open(id);
    expect((await events.next()).value).toMatchObject({ id: '0', name: '' });
    expect((await events.next()).value).toMatchObject({ name: 'status' });
    await app.current.hub.stop();
    expect(await Array.fromAsync(events)).toEqual([]);
  });

  it('costs nothing any more when the client has gone', async () => {
    const idle = app.current.clock.sleeping;
    const { events, cut } = await open(await submit());
    await events.next();
    await until(() => app.current.clock.sleeping === idle + 1);
    cut();
    await until(() => app.current.clock.sleeping === idle);
  });
});

describe('the stream of an organization', () => {
  it('begins now, sends every change of a status, and continues where it was cut', async () => {
    const old = await submit();
    const { events, cut } = await openAll();
    const begin = (await events.next()).value;
    await succeed(app.current);
    const next = (await events.next()).value;
    expect(JSON.parse(next?.data ?? '')).toMatchObject({ request_id: old, status: 'processing' });
    cut();
    const id = await submit();
    await app.current.store.requests.cancel('default', id, app.current.clock.now());
    for (const [lastEventId, statuses] of [
      [next?.id, ['success', 'queued', 'cancelled']],
      [begin?.id, ['processing', 'success', 'queued', 'cancelled']],
    ] as const) {
      const resumed = await openAll(lastEventId);
      const heard: string[] = [];
      for await (const event of resumed.events) {
        if (isDurable(event)) heard.push(JSON.parse(event.data).status);
        if (heard.length === statuses.length) break;
      }
      expect(heard).toEqual(statuses);
      resumed.cut();
    }
  });
});

describe('the log of a request', () => {
  it('describes its moments in words, without prompts or keys', async () => {
    const id = await submit({ prompt: 'a secret garden' });
    await steps.retry();
    await succeed(app.current);
    const reply = await app.current.call({ url: `${requestsUrl}/${id}/logs` });
    const lines: { kind: string; message: string; at: number }[] = reply.json().logs;
    expect(lines.map(({ kind }) => kind)).toEqual([
      'queued',
      'claimed',
      'sent',
      'answered',
      'waiting',
      'claimed',
      'sent',
      'answered',
      'stored',
    ]);
    expect(lines.map(({ message }) => message).join('\n')).toMatchInlineSnapshot(`
      "Submitted and queued.
      Attempt 1: claimed by a worker, with 1 call on main.
      Sent to main, picture 1.
      The call failed after 1.5 s, picture 1. The answer of the upstream was not understood, or was larger than allowed.
      Waiting for the next attempt, not before 2025-10-29T18:44:02.000Z: The answer of the upstream was not understood, or was larger than allowed.
      Attempt 2: claimed by a worker, with 1 call on main.
      Sent to main, picture 1.
      Answered after 1.5 s, picture 1. It cost $0.1350.
      Done: 1 picture is stored."
    `);
    expect(reply.body).not.toContain('secret');
    expect(lines.every(({ message }) => message.endsWith('.'))).toBe(true);
  });

  it('says what a queued request waits for now', async () => {
    const id = await submit();
    const { logs } = (await app.current.call({ url: `${requestsUrl}/${id}/logs` })).json();
    expect(logs).toMatchObject([{ kind: 'queued' }, { kind: 'waiting', message: 'Waiting now: It is next in line.' }]);
  });

  it('does not exist for a missing request or another organization’s', async () => {
    const id = await submit();
    const other = await createApiKey(app.current.store.keys, { name: 'b', organizationIds: ['org-b'], now: 0 });
    expect((await app.current.call({ url: `${requestsUrl}/none/logs` })).statusCode).toBe(404);
    expect((await app.current.call({ url: `${requestsUrl}/${id}/logs` }, other)).statusCode).toBe(404);
  });
});
