import type { DatabaseSync } from 'node:sqlite';
import {
  organizationChanged,
  organizationCreated,
  organizationRemoved,
  organizationSuspended,
} from '../../decisions/deeds.ts';
import type { OrganizationStore } from '../../organization-store.ts';
import { prepareNotedWrite } from '../audit/audit.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import {
  prepareChangeOrganization,
  prepareCreateOrganization,
  prepareFindOrganization,
  prepareReadOrganizations,
  prepareReadWithKeys,
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
  const find = prepareFindOrganization(reads.db);
  const findInWrite = prepareFindOrganization(db);
  const list = prepareReadOrganizations(reads.db);
  const change = prepareChangeOrganization(db, findInWrite);
  const { suspend, resume } = prepareSuspend(db, findInWrite);
  const remove = prepareRemoveEmpty(db, findInWrite);
  const stored = prepareStored(reads.db);
  const readWithKeys = prepareReadWithKeys(db, findInWrite);
  const write = prepareNotedWrite(db, commits);
  return {
    create: (organization, by) =>
      write(by, { write: () => create(organization), toDeeds: (isNew) => organizationCreated(isNew, organization) }),
    find: async (id) => reads.read(() => find(id)),
    list: async () => reads.read(list),
    change: (id, changes, by) =>
      write(by, { before: () => findInWrite(id), write: () => change(id, changes), toDeeds: organizationChanged }),
    suspend: (id, now, by) =>
      write(by, { before: () => findInWrite(id), write: () => suspend(id, now), toDeeds: organizationSuspended }),
    resume: (id, by) =>
      write(by, { before: () => findInWrite(id), write: () => resume(id), toDeeds: organizationSuspended }),
    remove: (id, now, by) =>
      write(by, { before: () => readWithKeys(id), write: () => remove(id, now), toDeeds: organizationRemoved }),
    stored: async (owner) => reads.read(() => stored(owner)),
  };
}
