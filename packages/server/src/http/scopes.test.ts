import type { Scope } from '@darkroom/protocol';
import { expect, it } from 'vitest';
import { requestsUrl, useApp } from '../../test/app-harness.ts';
import { createApiKey } from '../keys/api-keys.ts';
import { housePrefix } from './prefixes.ts';

const app = useApp();

const unknown = '00000000-0000-4000-8000-000000000000';
const calls = {
  read: { method: 'GET', url: requestsUrl },
  submit: { method: 'POST', url: requestsUrl, payload: {} },
  cancel: { method: 'POST', url: `${requestsUrl}/${unknown}/cancel` },
  delete: { method: 'DELETE', url: `${requestsUrl}/${unknown}` },
  endpoints: { method: 'GET', url: `${housePrefix}/webhooks/endpoints` },
  addEndpoint: { method: 'POST', url: `${housePrefix}/webhooks/endpoints`, payload: {} },
  rotateSecret: { method: 'POST', url: `${housePrefix}/webhooks/secret/rotate` },
  operate: { method: 'GET', url: '/api/v1/admin/keys' },
  me: { method: 'GET', url: `${housePrefix}/me` },
} as const;

it.each<[Scope, readonly (keyof typeof calls)[]]>([
  ['read', ['read', 'endpoints', 'me']],
  ['submit', ['submit', 'me']],
  ['manage', ['cancel', 'delete', 'addEndpoint', 'rotateSecret', 'me']],
  ['admin', ['operate', 'me']],
])('a key with the scope %s may make only its calls', async (scope, allowed) => {
  const { store, clock } = app.current;
  const key = await createApiKey(store.keys, { name: scope, scopes: [scope], now: clock.now() });
  for (const [name, call] of Object.entries(calls)) {
    const reply = await app.current.call(call, key);
    const isRefused = reply.statusCode === 403;
    expect([name, isRefused]).toEqual([name, !allowed.some((one) => one === name)]);
    if (!isRefused) continue;
    const code = name === 'operate' ? 'admin_required' : 'scope_required';
    expect(reply.json()).toMatchObject({ code, error: expect.stringMatching(/scope|admin/) });
  }
});
