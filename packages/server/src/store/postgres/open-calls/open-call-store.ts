import type { OpenCallStore } from '../../open-call-store.ts';
import type { Database } from '../database/database.ts';
import { endOpenCall, forgetOpenCalls, joinAll, leaveOpenCall } from './open-calls.ts';

/*
 * Open calls: which calls of callers wait for which request, so that a call that is made again joins its request.
 */

export function createOpenCallStore(db: Database): OpenCallStore {
  return {
    join: (call, now) => db.transaction(async (session) => (await joinAll(session, [{ ...call, now }]))(call)),
    end: (requestId) => db.transaction((session) => endOpenCall(session, requestId)),
    leave: (requestId, now) => db.transaction((session) => leaveOpenCall(session, requestId, now)),
    forget: (query) => db.transaction((session) => forgetOpenCalls(session, query)),
  };
}
