import type { ApiKey, KeyStore, KeyWithOrganizations } from '../../key-store.ts';
import { Batch } from '../database/batch.ts';
import type { Database } from '../database/database.ts';
import {
  changeKey,
  createFirstKey,
  createKey,
  ensureSecret,
  findKeys,
  findKeysWithOrganizations,
  listKeys,
  noteUse,
  revokeKey,
  rotateKey,
} from './keys.ts';

/*
 * API keys, hashed, and the secrets of the service itself.
 */

export function createKeyStore(db: Database): { readonly keys: KeyStore; readonly closeKeys: () => Promise<void> } {
  const finds = new Batch<string, ApiKey | undefined>({ run: (ids) => findKeys(db, ids), parallel: 4 });
  const callers = new Batch<string, KeyWithOrganizations | undefined>({
    run: (ids) => findKeysWithOrganizations(db, ids),
    parallel: 4,
  });
  const keys: KeyStore = {
    create: (key) => db.transaction((session) => createKey(session, key)),
    createFirst: (key) => db.transaction((session) => createFirstKey(session, key)),
    find: (id) => finds.add(id),
    findWithOrganizations: (id) => callers.add(id),
    list: () => listKeys(db),
    ensureSecret: (name, fresh) => db.transaction((session) => ensureSecret(session, name, fresh)),
    revoke: (id, now) => db.transaction((session) => revokeKey(session, id, now)),
    change: (id, change) => db.transaction((session) => changeKey(session, id, change)),
    rotate: (id, rotation) => db.transaction((session) => rotateKey(session, id, rotation)),
    noteUse: (id, at) => db.transaction((session) => noteUse(session, id, at)),
  };
  return {
    keys,
    closeKeys: async () => {
      await Promise.all([finds.close(), callers.close()]);
    },
  };
}
