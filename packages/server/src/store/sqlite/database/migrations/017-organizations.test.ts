import { expect, it } from 'vitest';
import { useOldDatabase } from '../../../../../test/store/old-database.ts';
import { migrations } from '../migrations.ts';
import { organizations } from './017-organizations.ts';

const answer = JSON.stringify({ parts: [{ kind: 'picture', picture: { name: 'made.png', bytes: 100 } }] });
const inline = JSON.stringify([{ path: ['image'], name: 'inline.png', bytes: 20 }]);
const rows = `
INSERT INTO requests (id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at,
  estimated_cost_micros, cost_micros, created_at, queued_at, updated_at, deadline_at)
VALUES ('a', 'red', 'key-1', 'model-1', 'queued', 1, 0, 1, 1, 9, 0, 1, 1, 1, 9);
INSERT INTO payloads SELECT seq, '{}', '${inline}', '{}' FROM requests;
INSERT INTO attempts (request_id, number, image_index, upstream, model, lease_token, worker, started_at, lease_expires_at, ended_at,
  result, estimated_micros, cost_micros, is_possibly_billed, answer)
VALUES ('a', 1, 0, 'u', 'm', 't', 'w', 1, 2, 2, 'succeeded', 0, 0, 0, '${answer}');
INSERT INTO pictures (name, request_id, number, image_index) VALUES ('made.png', 'a', 1, 0);
INSERT INTO uploads (name, organization_id, api_key_id, via, counted_bytes, sha256)
VALUES ('upload.png', 'red', 'key-2', 'service', 0, 'hash');
INSERT INTO sent_pictures (name, bytes) VALUES ('inline.png', 20), ('upload.png', 3);
INSERT INTO api_keys (id, name, secret_hash, is_admin, requests_per_minute, organization_ids, created_at)
VALUES ('k1', 'plain', 'h', 0, 30, '["red", "blue"]', 1), ('k2', 'operator', 'h', 1, NULL, '["default"]', 2);
`;

const old = useOldDatabase(migrations.indexOf(organizations), rows);

it('a database from before organizations has those of its keys and requests, with the bytes that they store', async () => {
  const all = await old.store.organizations.list();
  expect(all.map(({ id, storedBytes }) => [id, storedBytes])).toEqual([
    ['blue', 0],
    ['default', 0],
    ['red', 123],
  ]);
  expect(await old.store.organizations.stored({ organizationId: 'red', apiKeyId: 'key-1' })).toMatchObject({
    ofKey: 120,
  });
  expect(await old.store.organizations.stored({ organizationId: 'red', apiKeyId: 'key-2' })).toMatchObject({
    ofKey: 3,
  });
});

it('its keys may do what they could', async () => {
  expect(await old.store.keys.list()).toMatchObject([
    { name: 'plain', scopes: ['read', 'submit', 'manage'], limits: { requests_per_minute: 30 } },
    { name: 'operator', scopes: ['read', 'submit', 'manage', 'admin'], limits: {} },
  ]);
});
