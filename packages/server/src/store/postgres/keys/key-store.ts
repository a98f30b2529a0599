import type { ApiKey, KeyStore } from '../../key-store.ts';
import { Batch } from '../database/batch.ts';
import type { Database } from '../database/database.ts';
import { createFirstKey, createKey, ensureSecret, findKeys, listKeys, revokeKey } from './keys.ts';

/*
 * API keys, hashed, and the secrets of the service itself.
 */

export function createKeyStore(db: Database): { readonly keys: KeyStore; readonly closeKeys: () => Promise<void> } {
  const finds = new Batch<string, ApiKey | undefined>({ run: (ids) => findKeys(db, ids), parallel: 4 });
  const keys: KeyStore = {
    create: (key) => db.transaction((session) => createKey(session, key)),
    createFirst: (key) => db.transaction((session) => createFirstKey(session, key)),
    find: (id) => finds.add(id),
    list: () => listKeys(db),
    ensureSecret: (name, fresh) => db.transaction((session) => ensureSecret(session, name, fresh)),
    revoke: (id, now) => db.transaction((session) => revokeKey(session, id, now)),
  };
  return { keys, closeKeys: () => finds.close() };
}
