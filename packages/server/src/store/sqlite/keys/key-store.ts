import type { DatabaseSync } from 'node:sqlite';
import type { KeyStore } from '../../key-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import {
  prepareChangeKey,
  prepareCreateFirstKey,
  prepareCreateKey,
  prepareEnsureSecret,
  prepareFindKey,
  prepareFindWithOrganizations,
  prepareListKeys,
  prepareNoteUse,
  prepareRevokeKey,
  prepareRotateKey,
} from './keys.ts';

/*
 * API keys, hashed, and the secrets of the service itself.
 */

export function createKeyStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): KeyStore {
  const create = prepareCreateKey(db);
  const createFirst = prepareCreateFirstKey(db);
  const find = prepareFindKey(db);
  const findWithOrganizations = prepareFindWithOrganizations(db);
  const list = prepareListKeys(db);
  const change = prepareChangeKey(db);
  const rotate = prepareRotateKey(db);
  const noteUse = prepareNoteUse(db);
  const revoke = prepareRevokeKey(db);
  const ensureSecret = prepareEnsureSecret(db);
  return {
    create: (key) => commits.write(() => create(key)),
    createFirst: (key) => commits.write(() => createFirst(key)),
    find: async (id) => reads.read(() => find(id)),
    findWithOrganizations: async (id) => reads.read(() => findWithOrganizations(id)),
    list: async () => reads.read(list),
    ensureSecret: (name, fresh) => commits.write(() => ensureSecret(name, fresh)),
    revoke: (id, now) => commits.write(() => revoke(id, now)),
    change: (id, changes) => commits.write(() => change(id, changes)),
    rotate: (id, rotation) => commits.write(() => rotate(id, rotation)),
    noteUse: (id, at) => commits.write(() => noteUse(id, at)),
  };
}
