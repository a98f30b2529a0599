import type { DatabaseSync } from 'node:sqlite';
import type { UploadStore } from '../../upload-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import {
  prepareClaimEnded,
  prepareFindOwner,
  prepareForgetUploads,
  prepareGrant,
  prepareKeepLength,
  prepareTakeUpload,
} from './uploads.ts';

/*
 * Uploads: the addresses that were given out, the bytes that came, and when unused ones end.
 */

export function createUploadStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): UploadStore {
  const grant = prepareGrant(db);
  const findOwner = prepareFindOwner(reads.db);
  const take = prepareTakeUpload(db);
  const keepLength = prepareKeepLength(db);
  const claimEnded = prepareClaimEnded(db);
  const forget = prepareForgetUploads(db);
  return {
    grant: (upload, limits) => commits.write(() => grant(upload, limits)),
    findOwner: async (name) => reads.read(() => findOwner(name)),
    take: (name, content) => commits.write(() => take(name, content)),
    keepLength: (name, bytes) => commits.write(() => keepLength(name, bytes)),
    claimEnded: (query) => commits.write(() => claimEnded(query)),
    forget: (names) => commits.write(() => forget(names)),
  };
}
