import type { DatabaseSync } from 'node:sqlite';
import type { SessionStore } from '../../session-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import {
  prepareBeginSession,
  prepareEndSession,
  prepareFindSession,
  prepareForgetSessions,
  prepareListSessions,
  prepareNoteSessionUse,
} from './sessions.ts';

/*
 * Sessions of people who have signed in.
 */

export function createSessionStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): SessionStore {
  const begin = prepareBeginSession(db);
  const find = prepareFindSession(db);
  const noteUse = prepareNoteSessionUse(db);
  const end = prepareEndSession(db);
  const list = prepareListSessions(db);
  const forgetEnded = prepareForgetSessions(db);
  return {
    begin: (session, key) => commits.write(() => begin(session, key)),
    find: async (id) => reads.read(() => find(id)),
    noteUse: (id, use) => commits.write(() => noteUse(id, use)),
    end: (id, now) => commits.write(() => end(id, now)),
    list: async (page) => reads.read(() => list(page)),
    forgetEnded: (query) => commits.write(() => forgetEnded(query)),
  };
}
