import type { DatabaseSync } from 'node:sqlite';
import { requestDeleted, uploadDeleted } from '../../decisions/deeds.ts';
import type { RemovalStore } from '../../removal-store.ts';
import { prepareNote } from '../audit/audit.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import type { RecentRequests } from '../requests/recent-requests.ts';
import { prepareForgetDeliveries } from './forget-deliveries.ts';
import { prepareListOrganizations } from './list-organizations.ts';
import { preparePrune, preparePruneExpired } from './prune.ts';
import { prepareHasUpload, prepareRemove, prepareRemoveOrganization, prepareRemoveUpload } from './remove.ts';
import { prepareClaimMedia, prepareForgetMedia, prepareForgetRemoved, prepareIsRemoved } from './removed-media.ts';
import { prepareFindTombstone } from './tombstones.ts';

/*
 * What goes: requests whose time is over or that somebody deletes, with everything that belongs to them, and the notes by which
 * their bytes leave the storage.
 */

export interface RemovalStoreOptions {
  readonly commits: GroupCommit;
  readonly reads: ReadTurn;
  readonly recent: RecentRequests;
}

export function createRemovalStore(db: DatabaseSync, { commits, reads, recent }: RemovalStoreOptions): RemovalStore {
  const listOrganizations = prepareListOrganizations(reads.db);
  const prune = preparePrune(db);
  const pruneExpired = preparePruneExpired(db);
  const remove = prepareRemove(db);
  const removeOrganization = prepareRemoveOrganization(db);
  const removeUpload = prepareRemoveUpload(db);
  const findTombstone = prepareFindTombstone(reads.db);
  const isRemoved = prepareIsRemoved(reads.db);
  const claimMedia = prepareClaimMedia(db);
  const forgetMedia = prepareForgetMedia(db);
  const forgetRemoved = prepareForgetRemoved(db);
  const forgetDeliveries = prepareForgetDeliveries(db);
  const hasUpload = prepareHasUpload(db);
  const note = prepareNote(db);
  /** A write that removes requests, which are then no longer read from memory. */
  const removing = <T extends { readonly ids: readonly string[] }>(work: () => T): Promise<T> =>
    commits.write(work, ({ ids }) => {
      for (const id of ids) recent.forget(id);
    });

  return {
    listOrganizations: async (page) => reads.read(() => listOrganizations(page)),
    prune: (query) => removing(() => prune(query)),
    pruneExpired: (query) => removing(() => pruneExpired(query)),
    remove: async (removal) => {
      const write = () => note(removal.by, { write: () => remove(removal), toDeeds: requestDeleted });
      return (await removing(() => ({ ids: [removal.id], removed: write() }))).removed;
    },
    removeOrganization: async (removal) => {
      const { requests, uploads } = await removing(() => removeOrganization(removal));
      return { requests, uploads };
    },
    removeUpload: (removal) =>
      commits.write(() =>
        note(removal.by, {
          before: () => hasUpload(removal),
          write: () => removeUpload(removal),
          toDeeds: (_isGone, wasThere) => uploadDeleted(removal, wasThere),
        }),
      ),
    findTombstone: async (organizationId, id) => reads.read(() => findTombstone(organizationId, id)),
    isRemoved: async (name) => reads.read(() => isRemoved(name)),
    claimMedia: (query) => commits.write(() => claimMedia(query)),
    forgetMedia: (names) => commits.write(() => forgetMedia(names)),
    forgetRemoved: (query) => commits.write(() => forgetRemoved(query)),
    forgetDeliveries: (query) => commits.write(() => forgetDeliveries(query)),
  };
}
