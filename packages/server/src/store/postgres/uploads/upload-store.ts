import type { UploadStore } from '../../upload-store.ts';
import type { Database } from '../database/database.ts';
import { claimEnded, findOwner, forgetUploads, grant, keepLength, takeUpload } from './uploads.ts';

/*
 * Uploads: the addresses that were given out, the bytes that came, and when unused ones end.
 */

export function createUploadStore(db: Database): UploadStore {
  return {
    grant: (upload, limits) => db.transaction((session) => grant(session, upload, limits)),
    findOwner: (name) => findOwner(db, name),
    take: (name, content) => db.transaction((session) => takeUpload(session, name, content)),
    keepLength: (name, bytes) => keepLength(db, name, bytes),
    claimEnded: (query) => db.transaction((session) => claimEnded(session, query)),
    forget: (names) => db.transaction((session) => forgetUploads(session, names)),
  };
}
