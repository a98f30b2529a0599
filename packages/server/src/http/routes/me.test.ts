import { meSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { useApp } from '../../../test/app-harness.ts';
import { parseApiKeyId } from '../../core/api-keys.ts';
import { createApiKey } from '../../keys/api-keys.ts';
import { version } from '../../platform/version.ts';
import { housePrefix } from '../prefixes.ts';

const app = useApp();

const read = async (key: string, headers: Record<string, string> = {}) =>
  meSchema.parse((await app.current.call({ url: `${housePrefix}/me`, headers }, key)).json());

describe('the caller', () => {
  it('is determined by the key, and by the organization that the call names', async () => {
    const { keys } = app.current.store;
    const both = await createApiKey(keys, { name: 'both', organizationIds: ['red', 'blue'], now: 0 });
    const me = {
      api_key_id: parseApiKeyId(both),
      organization_id: 'red',
      organization_ids: ['red', 'blue'],
      scopes: ['read', 'submit', 'manage'],
      is_admin: false,
      is_sandbox: false,
      version,
    };
    expect(await read(both)).toEqual(me);
    expect(await read(both, { 'x-organization-id': 'blue' })).toEqual({ ...me, organization_id: 'blue' });
  });

  it('is an admin when the key is one', async () => {
    const { adminKey } = app.current;
    expect(await read(adminKey)).toMatchObject({ api_key_id: parseApiKeyId(adminKey), is_admin: true });
    const configured = { api_key_id: 'configured', organization_ids: ['default'], is_admin: true };
    expect(await read('configured-key')).toMatchObject(configured);
  });
});
