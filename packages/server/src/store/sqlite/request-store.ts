import type { DatabaseSync } from 'node:sqlite';
import type { RequestStore } from '../request-store.ts';
import { prepareFindAttempts } from './attempts.ts';
import { prepareBeginCalls } from './begin-calls.ts';
import { prepareClaim } from './claim.ts';
import { prepareEndCalls } from './end-calls.ts';
import { prepareExpire } from './expire.ts';
import { prepareFind } from './find.ts';
import { prepareFindAnswer } from './find-answer.ts';
import type { GroupCommit } from './group-commit.ts';
import { prepareList } from './list.ts';
import { prepareQuery } from './query.ts';
import { prepareRenew } from './renew.ts';
import { prepareRescue } from './rescue.ts';
import { prepareSettle } from './settle.ts';
import { prepareSubmit } from './submit.ts';

/** Joins the statements to the interface: writes go through the group commit, reads are answered at once. */
export function createRequestStore(
  db: DatabaseSync,
  options: { readonly commits: GroupCommit; readonly close: () => Promise<void> },
): RequestStore {
  const { commits, close } = options;
  const submit = prepareSubmit(db);
  const find = prepareFind(db);
  const findAnswer = prepareFindAnswer(db);
  const list = prepareList(db);
  const attempts = prepareFindAttempts(db);
  const claim = prepareClaim(db);
  const renew = prepareRenew(db);
  const beginCalls = prepareBeginCalls(db);
  const endCalls = prepareEndCalls(db);
  const settle = prepareSettle(db);
  const rescue = prepareRescue(db);
  const expire = prepareExpire(db);
  const ask = prepareQuery(db, 'SELECT turn FROM last_turn');

  return {
    submit: (request) => commits.write(() => submit(request)),
    find: async (organizationId, id) => find(organizationId, id),
    findAnswer: async (organizationId, name) => findAnswer(organizationId, name),
    list: async (query) => inSnapshot(db, () => list(query)),
    attempts: async (organizationId, requestId) => inSnapshot(db, () => attempts(organizationId, requestId)),
    claim: (query) => commits.write(() => claim(query)),
    renew: (leases, query) => commits.write(() => renew(leases, query)),
    beginCalls: (lease, calls) => commits.write(() => beginCalls(lease, calls)),
    endCalls: (lease, ends) => commits.write(() => endCalls(lease, ends)),
    settle: (settlement) => commits.write(() => settle(settlement)),
    rescue: (query) => commits.write(() => rescue(query)),
    expire: (query) => commits.write(() => expire(query)),
    check: async () => {
      ask.get();
    },
    close,
  };
}

/** Several statements see one state of the database, whatever another process writes meanwhile. */
function inSnapshot<T>(db: DatabaseSync, read: () => T): T {
  db.exec('BEGIN');
  try {
    return read();
  } finally {
    db.exec('COMMIT');
  }
}
