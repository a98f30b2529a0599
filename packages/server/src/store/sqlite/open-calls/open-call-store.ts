import type { DatabaseSync } from 'node:sqlite';
import type { OpenCallStore } from '../../open-call-store.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import { prepareEndOpenCall, prepareForgetOpenCalls, prepareJoin, prepareLeaveOpenCall } from './open-calls.ts';

/*
 * Open calls: which calls of callers wait for which request, so that a call that is made again joins its request.
 */

export function createOpenCallStore(db: DatabaseSync, { commits }: { readonly commits: GroupCommit }): OpenCallStore {
  const join = prepareJoin(db);
  const end = prepareEndOpenCall(db);
  const leave = prepareLeaveOpenCall(db);
  const forget = prepareForgetOpenCalls(db);
  return {
    join: (call, now) => commits.write(() => join(call, now)),
    end: (requestId) => commits.write(() => end(requestId)),
    leave: (requestId, now) => commits.write(() => leave(requestId, now)),
    forget: (query) => commits.write(() => forget(query)),
  };
}
