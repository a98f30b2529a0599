import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { claimOne, succeed } from '../../../../test/request-moves.ts';
import { defaultOrganizationId } from '../../../core/organization.ts';
import { housePrefix } from '../../../http/prefixes.ts';
import { createApiKey } from '../../../keys/api-keys.ts';
import { toPictureKey } from '../../../media/picture-name.ts';

const test = useApp();

const toFile = (name: string) => path.join(test.current.folder, 'media', toPictureKey(name));

/** A request that has succeeded, and the name of its picture, whose file is stored. */
async function make(prompt = 'a panda', more: Parameters<typeof test.current.submit>[1] = {}) {
  const submitted = await test.current.submit({ prompt }, more);
  const { request_id: id } = submitted.json();
  await succeed(test.current);
  const { media } = (await test.current.call({ url: `${requestsUrl}/${id}` })).json();
  const name: string = media[0].thumbnail_url.split('/')[4];
  const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
    .png()
    .toBuffer();
  await mkdir(path.dirname(toFile(name)), { recursive: true });
  await writeFile(toFile(name), Buffer.concat([png, Buffer.alloc(1_200_000 - png.length)]));
  return { id, name };
}

const remove = (id: string, suffix = '', as?: string) =>
  test.current.call({ method: 'DELETE', url: `${requestsUrl}/${id}${suffix}` }, as);
const get = (url: string) => test.current.call({ url });

describe('deleting an ended request', () => {
  it.each(['', '/content'])(
    'by DELETE %s takes its record, its picture and its words, and says what is left',
    async (suffix) => {
      const { id, name } = await make('the secret garden of deletion');
      expect((await get(`/media/${name}/thumbnail`)).statusCode).toBe(200);
      const reply = await remove(id, suffix);
      expect([reply.statusCode, reply.json()]).toEqual([
        200,
        {
          request_id: id,
          model: 'gemini-3-pro-image-preview',
          status: 'success',
          wire: 'queue',
          created_at: expect.any(Number),
          updated_at: expect.any(Number),
          cost_usd: 0.135,
          deleted_at: expect.any(Number),
        },
      ]);
      expect(existsSync(toFile(name))).toBe(false);
      expect(existsSync(toFile(`thumbnail-${name.slice(0, 32)}.webp`))).toBe(false);
      for (const url of [`/media/${name}`, `/media/${name}/thumbnail`, `${requestsUrl}/${id}`]) {
        const gone = await get(url);
        expect([gone.statusCode, gone.json()]).toEqual([410, { code: 'deleted', error: expect.any(String) }]);
      }
      expect((await get(requestsUrl)).json()).toMatchObject({ total: 0, requests: [] });
      expect((await get(`${requestsUrl}/${id}/events`)).statusCode).toBe(410);
      expect((await remove(id, suffix)).json()).toEqual(reply.json());
      const database = ['darkroom.db', 'darkroom.db-wal'].map((file) =>
        readFileSync(path.join(test.current.folder, file), 'latin1'),
      );
      await test.current.store.close();
      const closed = readFileSync(path.join(test.current.folder, 'darkroom.db'), 'latin1');
      expect(database.join('').length).toBeGreaterThan(0);
      expect(closed).not.toContain('secret garden of deletion');
    },
  );

  it('answers the same Idempotency-Key by the same request, and makes no second picture', async () => {
    const headers = { 'idempotency-key': 'again' };
    const { id } = await make('a panda', { headers });
    await remove(id);
    const again = await test.current.submit({ prompt: 'a panda' }, { headers });
    expect([again.statusCode, again.json().request_id, again.headers['idempotent-replayed']]).toEqual([
      200,
      id,
      'true',
    ]);
    expect((await test.current.submit({ prompt: 'another' }, { headers })).statusCode).toBe(409);
    expect((await get(requestsUrl)).json().total).toBe(0);
    const waited = await test.current.submit({ prompt: 'a panda' }, { headers: { ...headers, prefer: 'wait=5' } });
    expect([waited.statusCode, waited.json().code]).toEqual([410, 'deleted']);
  });

  it('reaches no request of another organization, and none that never was', async () => {
    const other = await createApiKey(test.current.store.keys, { name: 'b', organizationIds: ['org-b'], now: 0 });
    const { id, name } = await make();
    expect([(await remove(id, '', other)).statusCode, (await remove(id, '/content', other)).statusCode]).toEqual([
      404, 404,
    ]);
    expect((await remove('none')).statusCode).toBe(404);
    expect((await get(`/media/${name}`)).statusCode).toBe(200);
  });

  it('waits for a call that is under way, and DELETE …/content refuses one that is open', async () => {
    const { request_id: id } = (await test.current.submit({ prompt: 'a' })).json();
    const open = await remove(id, '/content');
    expect([open.statusCode, open.json().code, open.headers['retry-after']]).toEqual([409, 'request_open', '5']);
    const { lease } = await claimOne(test.current);
    await test.current.store.requests.beginCalls(lease, { imageIndexes: [0], now: test.current.clock.now() });
    expect((await remove(id)).json().status).toBe('cancelled');
    expect((await remove(id)).json().code).toBe('request_open');
    const end = { imageIndex: 0, endedAt: 0, result: 'failed', costMicros: 0, isPossiblyBilled: false } as const;
    await test.current.store.requests.endCalls(lease, [end]);
    expect((await remove(id)).json()).toMatchObject({ request_id: id, status: 'cancelled' });
  });

  it('leaves conversations that used it, which say so', async () => {
    const { id } = await make();
    await remove(id);
    const next = await test.current.submit({ prompt: 'more', previous_request_id: id });
    expect([next.statusCode, next.json().details[0].message]).toEqual([400, expect.stringContaining('was deleted')]);
  });

  it('of a picture that is being served sends it to its end', async () => {
    const { id, name } = await make();
    const url = await test.current.app.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(`${url}/media/${name}`);
    await remove(id);
    expect((await response.arrayBuffer()).byteLength).toBe(1_200_000);
    expect((await fetch(`${url}/media/${name}`)).status).toBe(410);
  });
});

describe('deleting an upload', () => {
  it('takes it from the storage, used or not, and only for its organization', async () => {
    const { current } = test;
    const other = await createApiKey(current.store.keys, { name: 'b', organizationIds: ['org-b'], now: 0 });
    const grant = await current.call({
      method: 'POST',
      url: `${housePrefix}/upload-url`,
      payload: { file_type: 'png' },
    });
    const { upload_url, public_url } = grant.json();
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    const { pathname, search } = new URL(upload_url);
    await current.call(
      { method: 'PUT', url: pathname + search, payload: png, headers: { 'content-type': 'image/png' } },
      '',
    );
    const name = new URL(public_url).pathname.split('/').at(-1) ?? '';
    await current.submit({ prompt: 'a', image: public_url });
    const drop = (as?: string) => current.call({ method: 'DELETE', url: `${housePrefix}/uploads/${name}` }, as);
    expect((await drop(other)).statusCode).toBe(404);
    expect((await get(`/media/${name}`)).statusCode).toBe(200);
    expect([(await drop()).statusCode, (await drop()).statusCode]).toEqual([204, 204]);
    expect([(await get(`/media/${name}`)).json().code, existsSync(toFile(name))]).toEqual(['deleted', false]);
  });
});

describe('deleting all of an organization', () => {
  it('cancels what is open, removes the rest, and keeps what was spent', async () => {
    const { current } = test;
    const { name } = await make();
    await current.submit({ prompt: 'open' });
    const url = `/organizations/${defaultOrganizationId}/content`;
    expect((await current.call({ method: 'DELETE', url: `/api/v1/admin${url}` })).statusCode).toBe(403);
    expect((await current.admin('DELETE', url)).json()).toEqual({ requests: 2, uploads: 0, is_complete: true });
    expect((await current.admin('DELETE', url)).json()).toEqual({ requests: 0, uploads: 0, is_complete: true });
    expect((await get(`/media/${name}`)).json().code).toBe('deleted');
    expect((await get(requestsUrl)).json().total).toBe(0);
    const days = { organizationId: defaultOrganizationId, from: '2025-01-01', to: '2026-01-01' };
    expect(await current.store.budgets.usage(days)).toMatchObject([{ success: 1, cancelled: 1, costMicros: 135_000 }]);
  });
});

describe('retain_seconds', () => {
  it('is shown, with the time at which the request goes once it has ended', async () => {
    const { request_id: id } = (await test.current.submit({ prompt: 'a' }, { body: { retain_seconds: 60 } })).json();
    expect((await get(`${requestsUrl}/${id}`)).json()).toMatchObject({ retain_seconds: 60 });
    await succeed(test.current);
    const record = (await get(`${requestsUrl}/${id}`)).json();
    expect(record.expires_at).toBe(record.updated_at + 60);
    const wrong = await test.current.submit({ prompt: 'a' }, { body: { retain_seconds: 1 } });
    expect(wrong.json().details).toEqual([{ path: 'retain_seconds', message: expect.stringContaining('3') }]);
  });
});

it('a file that cannot be removed now goes later', async () => {
  const { id, name } = await make();
  await rm(toFile(name));
  await mkdir(toFile(name));
  expect((await remove(id)).statusCode).toBe(200);
  const { removals } = test.current.store;
  const waiting = { now: test.current.clock.now(), limit: 9, leaseMs: 1_000 };
  expect(await removals.claimMedia(waiting)).toEqual([name]);
});
