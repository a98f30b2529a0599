import type { OrganizationStore } from '../../organization-store.ts';
import type { Database } from '../database/database.ts';
import {
  changeOrganization,
  createOrganization,
  findOrganization,
  readOrganizations,
  readStored,
  removeEmpty,
  setSuspended,
} from './organizations.ts';

/*
 * Organizations: who they are, their limits, whether they are suspended, and how many bytes they store.
 */

export function createOrganizationStore(db: Database): OrganizationStore {
  return {
    create: (organization) => db.transaction((session) => createOrganization(session, organization)),
    find: (id) => findOrganization(db, id),
    list: () => readOrganizations(db),
    change: (id, change) => db.transaction((session) => changeOrganization(session, id, change)),
    suspend: (id, now) => db.transaction((session) => setSuspended(session, id, now)),
    resume: (id) => db.transaction((session) => setSuspended(session, id, null)),
    remove: (id, now) => db.transaction((session) => removeEmpty(session, id, now)),
    stored: (owner) => readStored(db, owner),
  };
}
