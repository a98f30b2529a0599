import type { SessionStore } from '../../session-store.ts';
import type { Database } from '../database/database.ts';
import { beginSession, endSession, findSession, forgetSessions, listSessions, noteSessionUse } from './sessions.ts';

/*
 * Sessions of people who have signed in.
 */

export function createSessionStore(db: Database): SessionStore {
  return {
    begin: (begun, key) => db.transaction((session) => beginSession(session, begun, key)),
    find: (id) => findSession(db, id),
    noteUse: (id, use) => db.transaction((session) => noteSessionUse(session, id, use)),
    end: (id, now) => db.transaction((session) => endSession(session, id, now)),
    list: (page) => listSessions(db, page),
    forgetEnded: (query) => db.transaction((session) => forgetSessions(session, query)),
  };
}
