import type { DatabaseSync } from 'node:sqlite';
import { keyChanged, keyCreated, keyRevoked, keyRotated } from '../../decisions/deeds.ts';
import type { KeyStore } from '../../key-store.ts';
import { prepareNotedWrite } from '../audit/audit.ts';
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
  const find = prepareFindKey(reads.db);
  const findBefore = prepareFindKey(db);
  const findWithOrganizations = prepareFindWithOrganizations(reads.db);
  const list = prepareListKeys(reads.db);
  const change = prepareChangeKey(db);
  const rotate = prepareRotateKey(db);
  const noteUse = prepareNoteUse(db);
  const revoke = prepareRevokeKey(db);
  const ensureSecret = prepareEnsureSecret(db);
  const write = prepareNotedWrite(db, commits);
  return {
    create: (key, by) => write(by, { write: () => create(key), toDeeds: () => keyCreated(key) }),
    createFirst: (key, by) =>
      write(by, { write: () => createFirst(key), toDeeds: (isFirst) => (isFirst ? keyCreated(key) : []) }),
    find: async (id) => reads.read(() => find(id)),
    findWithOrganizations: async (id) => reads.read(() => findWithOrganizations(id)),
    list: async () => reads.read(list),
    ensureSecret: (name, fresh) => commits.write(() => ensureSecret(name, fresh)),
    revoke: (id, now, by) =>
      write(by, { before: () => findBefore(id), write: () => revoke(id, now), toDeeds: keyRevoked }),
    change: (id, changes, by) =>
      write(by, { before: () => findBefore(id), write: () => change(id, changes), toDeeds: keyChanged }),
    rotate: (id, rotation, by) => write(by, { write: () => rotate(id, rotation), toDeeds: keyRotated }),
    noteUse: (id, at) => commits.write(() => noteUse(id, at)),
  };
}
