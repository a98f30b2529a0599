import { requestDeleted, uploadDeleted } from '../../decisions/deeds.ts';
import type { RemovalStore } from '../../removal-store.ts';
import { notedWrite } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { forgetDeliveries } from './forget-deliveries.ts';
import { listOrganizations } from './list-organizations.ts';
import { prune, pruneExpired } from './prune.ts';
import { hasUpload, remove, removeOrganization, removeUpload } from './remove.ts';
import { claimMedia, forgetMedia, forgetRemoved, isRemoved } from './removed-media.ts';
import { findTombstone } from './tombstones.ts';

/*
 * What goes: requests whose time is over or that somebody deletes, with everything that belongs to them, and the notes by which
 * their bytes leave the storage.
 */

export function createRemovalStore(db: Database): RemovalStore {
  return {
    listOrganizations: (page) => listOrganizations(db, page),
    prune: (query) => db.transaction((session) => prune(session, query)),
    pruneExpired: (query) => db.transaction((session) => pruneExpired(session, query)),
    remove: (removal) =>
      notedWrite(db, removal.by, { write: (session) => remove(session, removal), toDeeds: requestDeleted }),
    removeOrganization: (removal) => db.transaction((session) => removeOrganization(session, removal)),
    removeUpload: (removal) =>
      notedWrite(db, removal.by, {
        before: (session) => hasUpload(session, removal),
        write: (session) => removeUpload(session, removal),
        toDeeds: (_isGone, wasThere) => uploadDeleted(removal, wasThere),
      }),
    findTombstone: (organizationId, id) => findTombstone(db, organizationId, id),
    isRemoved: (name) => isRemoved(db, name),
    claimMedia: (query) => db.transaction((session) => claimMedia(session, query)),
    forgetMedia: (names) => db.transaction((session) => forgetMedia(session, names)),
    forgetRemoved: (query) => db.transaction((session) => forgetRemoved(session, query)),
    forgetDeliveries: (query) => db.transaction((session) => forgetDeliveries(session, query)),
  };
}
