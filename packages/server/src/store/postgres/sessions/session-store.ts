import { sessionBegun, sessionEnded } from '../../decisions/deeds.ts';
import type { SessionStore } from '../../session-store.ts';
import { notedWrite } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { beginSession, endSession, findSession, forgetSessions, listSessions, noteSessionUse } from './sessions.ts';

/*
 * Sessions of people who have signed in.
 */

export function createSessionStore(db: Database): SessionStore {
  return {
    begin: (begun, key, by) =>
      notedWrite(db, by, { write: (session) => beginSession(session, begun, key), toDeeds: sessionBegun }),
    find: (id) => findSession(db, id),
    noteUse: (id, use) => db.transaction((session) => noteSessionUse(session, id, use)),
    end: (id, how, { now, by }) =>
      notedWrite(db, by, {
        before: (session) => findSession(session, id),
        write: (session) => endSession(session, id, now),
        toDeeds: (isEnded, session) => sessionEnded(isEnded, how, session),
      }),
    list: (page) => listSessions(db, page),
    forgetEnded: (query) => db.transaction((session) => forgetSessions(session, query)),
  };
}
