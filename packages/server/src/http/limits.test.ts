import { describe, expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import type { Limits } from '../core/limits.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { housePrefix } from './prefixes.ts';

const app = useApp();
const payload = { prompt: 'a panda' };

/** A key of an organization, each with limits of its own. */
async function createLimited(ofKey: Limits, ofOrganization: Limits = {}): Promise<string> {
  const { store, clock } = app.current;
  const now = clock.now();
  const given = { name: 'Small', limits: ofOrganization, createdAt: now, suspendedAt: undefined };
  await store.organizations.create({ ...given, id: 'small' });
  return createApiKey(store.keys, { name: 'small', organizationIds: ['small'], limits: ofKey, now });
}

const submit = (as: string) => app.current.submit(payload, { as });
const askForUpload = (as: string) =>
  app.current.call({ method: 'POST', url: `${housePrefix}/upload-url`, payload: { file_type: 'png' } }, as);

describe('a limit of its own', () => {
  it.each([
    ['requests a minute, of the key', { requests_per_minute: 1 }, {}, submit, 429, 'rate_limited'],
    ['requests a minute, of the organization', {}, { requests_per_minute: 1 }, submit, 429, 'rate_limited'],
    ['uploads a minute', {}, { uploads_per_minute: 1 }, askForUpload, 429, 'rate_limited'],
    ['bytes of unused uploads', { unused_upload_bytes: 8_000_000 }, {}, askForUpload, 429, 'uploads_full'],
    ['bytes of bodies a minute', {}, { body_bytes_per_minute: 100 }, submit, 429, 'rate_limited'],
    ['queued requests, of the key', { queued_requests: 1 }, {}, submit, 429, 'queue_full'],
    ['queued requests, of the organization', {}, { queued_requests: 1 }, submit, 429, 'queue_full'],
  ] as const)('refuses the second call by its name: %s', async (_what, ofKey, ofOrganization, call, status, code) => {
    const key = await createLimited(ofKey, ofOrganization);
    expect((await call(key)).statusCode).toBe(200);
    const refused = await call(key);
    const [limit] = [
      ...Object.entries(ofKey).map(([name, value]) => ({ of: 'key', name, value })),
      ...Object.entries(ofOrganization).map(([name, value]) => ({ of: 'organization', name, value })),
    ];
    expect([refused.statusCode, refused.json()]).toMatchObject([status, { code, limit }]);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await call(app.current.key)).statusCode).toBe(200);
  });

  it('of bytes of bodies refuses a body for good that is larger, and counts again after a minute', async () => {
    const key = await createLimited({ body_bytes_per_minute: 100 });
    const large = await app.current.submit({ prompt: 'a'.repeat(200) }, { as: key });
    expect([large.statusCode, large.json()]).toMatchObject([413, { code: 'body_too_large' }]);
    expect((await submit(key)).statusCode).toBe(200);
    expect((await submit(key)).statusCode).toBe(429);
    app.current.clock.advance(60_000);
    expect((await submit(key)).statusCode).toBe(200);
  });

  it('of stored bytes refuses requests and uploads while there are as many, and lets reads pass', async () => {
    const key = await createLimited({}, { stored_bytes: 9 });
    expect((await submit(key)).statusCode).toBe(200);
    const { store, clock } = app.current;
    const upload = { organizationId: 'small', apiKeyId: 'other', name: 'a.png', via: 'service', bytes: 9 } as const;
    await store.uploads.grant({ ...upload, endsAt: clock.now() + 1 }, { ofKey: 100, ofOrganization: 100 });
    await store.uploads.take('a.png', { bytes: 9, sha256: 'hash', endsAt: clock.now() + 1 });
    await store.uploads.keepLength('a.png', 9);
    const limit = { name: 'stored_bytes', of: 'organization', value: 9 };
    for (const refused of [await submit(key), await askForUpload(key)])
      expect([refused.statusCode, refused.json()]).toMatchObject([413, { code: 'storage_full', limit }]);
    expect((await app.current.call({ url: requestsUrl }, key)).statusCode).toBe(200);
    await store.uploads.claimEnded({ now: clock.now() + 1, limit: 1, leaseMs: 1 });
    expect((await submit(key)).statusCode).toBe(200);
  });
});
