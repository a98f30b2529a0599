import { keyChanged, keyCreated, keyRevoked, keyRotated } from '../../decisions/deeds.ts';
import type { ApiKey, KeyStore, KeyWithOrganizations } from '../../key-store.ts';
import { notedWrite } from '../audit/audit.ts';
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
  lockKey,
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
    create: (key, by) =>
      notedWrite(db, by, { write: (session) => createKey(session, key), toDeeds: () => keyCreated(key) }),
    createFirst: (key, by) =>
      notedWrite(db, by, {
        write: (session) => createFirstKey(session, key),
        toDeeds: (isFirst) => (isFirst ? keyCreated(key) : []),
      }),
    find: (id) => finds.add(id),
    findWithOrganizations: (id) => callers.add(id),
    list: () => listKeys(db),
    ensureSecret: (name, fresh) => db.transaction((session) => ensureSecret(session, name, fresh)),
    revoke: (id, now, by) =>
      notedWrite(db, by, {
        before: (session) => lockKey(session, id),
        write: (session) => revokeKey(session, id, now),
        toDeeds: keyRevoked,
      }),
    change: (id, change, by) =>
      notedWrite(db, by, {
        before: (session) => lockKey(session, id),
        write: (session) => changeKey(session, id, change),
        toDeeds: keyChanged,
      }),
    rotate: (id, rotation, by) =>
      notedWrite(db, by, { write: (session) => rotateKey(session, id, rotation), toDeeds: keyRotated }),
    noteUse: (id, at) => db.transaction((session) => noteUse(session, id, at)),
  };
  return {
    keys,
    closeKeys: async () => {
      await Promise.all([finds.close(), callers.close()]);
    },
  };
}
