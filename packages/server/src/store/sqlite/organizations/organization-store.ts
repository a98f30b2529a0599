import type { DatabaseSync } from 'node:sqlite';
import type { OrganizationStore } from '../../organization-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import {
  prepareChangeOrganization,
  prepareCreateOrganization,
  prepareFindOrganization,
  prepareReadOrganizations,
  prepareRemoveEmpty,
  prepareStored,
  prepareSuspend,
} from './organizations.ts';

/*
 * Organizations: who they are, their limits, whether they are suspended, and how many bytes they store.
 */

export function createOrganizationStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): OrganizationStore {
  const create = prepareCreateOrganization(db);
  const find = prepareFindOrganization(db);
  const list = prepareReadOrganizations(db);
  const change = prepareChangeOrganization(db, find);
  const { suspend, resume } = prepareSuspend(db, find);
  const remove = prepareRemoveEmpty(db, find);
  const stored = prepareStored(db);
  return {
    create: (organization) => commits.write(() => create(organization)),
    find: async (id) => reads.read(() => find(id)),
    list: async () => reads.read(list),
    change: (id, changes) => commits.write(() => change(id, changes)),
    suspend: (id, now) => commits.write(() => suspend(id, now)),
    resume: (id) => commits.write(() => resume(id)),
    remove: (id, now) => commits.write(() => remove(id, now)),
    stored: async (owner) => reads.read(() => stored(owner)),
  };
}
