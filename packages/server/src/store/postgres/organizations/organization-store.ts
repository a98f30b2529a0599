import type { By } from '../../../core/audit.ts';
import {
  organizationChanged,
  organizationCreated,
  organizationRemoved,
  organizationSuspended,
} from '../../decisions/deeds.ts';
import type { OrganizationStore } from '../../organization-store.ts';
import { notedWrite } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import {
  changeOrganization,
  createOrganization,
  findOrganization,
  lockOrganization,
  lockWithKeys,
  lockWithLanes,
  readOrganizations,
  readStored,
  removeEmpty,
  setSuspended,
} from './organizations.ts';

/*
 * Organizations: who they are, their limits, whether they are suspended, and how many bytes they store.
 */

export function createOrganizationStore(db: Database): OrganizationStore {
  const suspend = (id: string, at: number | null, by: By | undefined) =>
    notedWrite(db, by, {
      before: (session) => lockWithLanes(session, id),
      write: (session) => setSuspended(session, id, at),
      toDeeds: organizationSuspended,
    });
  return {
    create: (organization, by) =>
      notedWrite(db, by, {
        write: (session) => createOrganization(session, organization),
        toDeeds: (isNew) => organizationCreated(isNew, organization),
      }),
    find: (id) => findOrganization(db, id),
    list: () => readOrganizations(db),
    change: (id, change, by) =>
      notedWrite(db, by, {
        before: (session) => lockOrganization(session, id),
        write: (session) => changeOrganization(session, id, change),
        toDeeds: organizationChanged,
      }),
    suspend: (id, now, by) => suspend(id, now, by),
    resume: (id, by) => suspend(id, null, by),
    remove: (id, now, by) =>
      notedWrite(db, by, {
        before: (session) => lockWithKeys(session, id),
        write: (session) => removeEmpty(session, id, now),
        toDeeds: organizationRemoved,
      }),
    stored: (owner) => readStored(db, owner),
  };
}
