import type { DatabaseSync } from 'node:sqlite';
import { sessionBegun, sessionEnded } from '../../decisions/deeds.ts';
import type { SessionStore } from '../../session-store.ts';
import { prepareNotedWrite } from '../audit/audit.ts';
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
  const write = prepareNotedWrite(db, commits);
  const begin = prepareBeginSession(db);
  const findBefore = prepareFindSession(db);
  const find = prepareFindSession(reads.db);
  const noteUse = prepareNoteSessionUse(db);
  const end = prepareEndSession(db);
  const list = prepareListSessions(reads.db);
  const forgetEnded = prepareForgetSessions(db);
  return {
    begin: (session, key, by) => write(by, { write: () => begin(session, key), toDeeds: sessionBegun }),
    find: async (id) => reads.read(() => find(id)),
    noteUse: (id, use) => commits.write(() => noteUse(id, use)),
    end: (id, how, { now, by }) =>
      write(by, {
        before: () => findBefore(id),
        write: () => end(id, now),
        toDeeds: (isEnded, session) => sessionEnded(isEnded, how, session),
      }),
    list: async (page) => reads.read(() => list(page)),
    forgetEnded: (query) => commits.write(() => forgetEnded(query)),
  };
}
