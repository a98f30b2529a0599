import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { claimOne } from '../../../../test/request-moves.ts';
import { createApiKey } from '../../../keys/api-keys.ts';
import { idempotencyMs } from '../../../store/request-store.ts';

const app = useApp();

const payload = { prompt: 'a panda' };
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });
const countRows = async () => (await app.current.call({ url: requestsUrl })).json().total;
/** A payload with an inline picture of eight bytes of this value. */
const toInline = (byte: number) => ({
  prompt: 'a',
  image: `data:image/png;base64,${Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(4, byte)]).toString('base64')}`,
});
const listPictures = async () => {
  const entries = await readdir(path.join(app.current.folder, 'media'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /\.png$/.test(entry.name)).length;
};

describe('an Idempotency-Key', () => {
  it('promise 4: returns the same request for the same body, with the first answer, and another body is refused', async () => {
    const first = await app.current.submit(payload, withKey('order-1'));
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
    await claimOne(app.current);
    app.current.clock.advance(60_000);
    const again = await app.current.submit(payload, withKey('order-1'));
    expect([again.statusCode, again.headers['idempotent-replayed'], again.body]).toEqual([200, 'true', first.body]);
    const other = await app.current.submit({ prompt: 'a zebra' }, withKey('order-1'));
    expect([other.statusCode, other.json().code]).toEqual([409, 'idempotency_conflict']);
    expect(await countRows()).toBe(1);
  });

  it('creates one request from many that are sent at once', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => app.current.submit(toInline(1), withKey('a'))));
    expect(new Set(replies.map(({ body }) => body)).size).toBe(1);
    expect(replies.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect([await countRows(), await listPictures()]).toEqual([1, 1]);
  });

  it('is separate for each organization, and free again after 24 hours', async () => {
    const { store, clock } = app.current;
    const other = await createApiKey(store.keys, { name: 'other', organizationIds: ['other'], now: 0 });
    const first = (await app.current.submit(payload, withKey('a'))).json().request_id;
    const foreign = await app.current.submit(payload, { ...withKey('a'), as: other });
    expect(foreign.headers).not.toHaveProperty('idempotent-replayed');
    clock.advance(idempotencyMs + 1);
    const later = await app.current.submit({ prompt: 'else' }, withKey('a'));
    expect(later.statusCode).toBe(200);
    expect(later.json().request_id).not.toBe(first);
  });

  it('stays free when the submit was refused', async () => {
    expect((await app.current.submit({}, withKey('a'))).statusCode).toBe(400);
    expect((await app.current.submit(payload, withKey('a'))).statusCode).toBe(200);
  });

  it.each([
    ['empty', ''],
    ['256 characters long', 'a'.repeat(256)],
    ['with a blank', 'a b'],
    ['not ASCII', 'schl\u00fcssel'],
  ])('is refused when it is %s', async (_name, key) => {
    const reply = await app.current.submit(payload, withKey(key));
    expect([reply.statusCode, reply.json().code]).toEqual([400, 'invalid_request']);
    expect(reply.json().error).toMatch(/^Idempotency-Key must have 1 to 255 visible ASCII/);
  });

  it('counts after the model and the payload are checked', async () => {
    await app.current.submit(payload, withKey('a'));
    const unknown = { method: 'POST', url: requestsUrl, payload: { model: 'x', payload }, ...withKey('a') } as const;
    expect((await app.current.call(unknown)).statusCode).toBe(404);
    expect((await app.current.submit({}, withKey('a'))).statusCode).toBe(400);
  });
});

describe('a budget', () => {
  it('refuses the submit that would exceed it, with a sentence, and keeps nothing of it', async () => {
    const budget = { scope: 'organization', id: 'default', period: 'day', limit_usd: 0.3 };
    await app.current.admin('PUT', '/budgets', budget);
    expect((await app.current.submit(payload)).statusCode).toBe(200);
    expect((await app.current.submit(payload)).statusCode).toBe(200);
    const reply = await app.current.submit(toInline(2), withKey('a'));
    expect([reply.statusCode, reply.json().code]).toEqual([402, 'budget_exceeded']);
    expect(reply.json().error).toMatch(
      /organization default, which is \$0\.30 per day: \$0\.26 of it is spent or reserved/,
    );
    expect([await countRows(), await listPictures()]).toEqual([2, 0]);
    await app.current.admin('PUT', '/budgets', { ...budget, limit_usd: 1 });
    expect((await app.current.submit(toInline(2), withKey('a'))).headers).not.toHaveProperty('idempotent-replayed');
  });
});

describe('deadline_seconds and priority', () => {
  it.each([
    ['deadline_seconds', 0],
    ['deadline_seconds', 604_801],
    ['deadline_seconds', 1.5],
    ['deadline_seconds', '1.5'],
    ['priority', 11],
    ['priority', -11],
    ['priority', false],
  ])('refuses %s of %s', async (key, value) => {
    const reply = await app.current.submit(payload, { body: { [key]: value } });
    expect([reply.statusCode, reply.json().error]).toEqual([
      400,
      expect.stringContaining(`${key} must be a whole number`),
    ]);
  });

  it('may be equal to their bounds', async () => {
    for (const body of [
      { deadline_seconds: 1, priority: -10 },
      { deadline_seconds: 604_800, priority: 10 },
    ])
      expect((await app.current.submit(payload, { body })).statusCode).toBe(200);
  });

  it('let the higher priority go first', async () => {
    await app.current.submit({ prompt: 'low' });
    const { request_id } = (await app.current.submit({ prompt: 'high' }, { body: { priority: 5 } })).json();
    expect((await claimOne(app.current)).request).toMatchObject({ id: request_id, model });
  });
});
