import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../../core/image-request.ts';
import type { Logger } from '../../../platform/logger.ts';
import { type IsolateOptions, isolateRows, type TracedStore } from '../../damage/isolate-rows.ts';
import { requestsRequeued } from '../../decisions/deeds.ts';
import { filterByText } from '../../lists/text-filter.ts';
import type { RequestStore } from '../../request-store.ts';
import { toStorableEnd } from '../../rows/storable.ts';
import { prepareNote } from '../audit/audit.ts';
import { prepareFindAttempts } from '../calls/attempts.ts';
import { prepareBeginCalls } from '../calls/begin-calls.ts';
import { prepareEndCalls } from '../calls/end-calls.ts';
import { prepareClaim } from '../claims/claim.ts';
import { prepareExpire } from '../claims/expire.ts';
import { prepareMoveUp } from '../claims/move-up.ts';
import { prepareRenew } from '../claims/renew.ts';
import { prepareRescue } from '../claims/rescue.ts';
import { prepareSettle } from '../claims/settle.ts';
import { isRowFault, toCode } from '../database/failures.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareQuery } from '../database/statement.ts';
import { prepareCancel, prepareCancelLeft } from './cancel.ts';
import { prepareEndPoisoned } from './end-poisoned.ts';
import { prepareExists, prepareHasAnswer, prepareSealLog } from './exists.ts';
import { prepareFind } from './find.ts';
import { prepareFindAnswer } from './find-answer.ts';
import { prepareFindPicture, prepareFindPictureByHash, prepareListPictures } from './find-pictures.ts';
import { prepareForgetIdempotencyKeys } from './idempotency.ts';
import { prepareList } from './list.ts';
import { prepareListFailed } from './list-failed.ts';
import type { RecentRequests } from './recent-requests.ts';
import { prepareReplay } from './replay.ts';
import { prepareRequeue } from './requeue.ts';
import { prepareSubmit } from './submit.ts';

/*
 * The rows of the requests: submit, find, list, cancel and queue again, and the checks that say for certain whether a request or
 * an answer was kept. Each file has the statements of one operation; this file combines them, and those of `calls/` and
 * `claims/`, into a `RequestStore`.
 */

export interface RequestStoreOptions {
  readonly commits: GroupCommit;
  readonly reads: ReadTurn;
  readonly recent: RecentRequests;
  readonly logger: Logger | undefined;
  readonly close: () => Promise<void>;
}

/** Writes go through the group commit; reads are answered at once. */
export function createRequestStore(db: DatabaseSync, options: RequestStoreOptions): RequestStore {
  const { commits, recent, logger } = options;
  const endPoisoned = prepareEndPoisoned(db);
  const endAs = (id: string, given: Parameters<typeof endPoisoned>[1]) =>
    commits.write(
      () => endPoisoned(id, given),
      () => recent.forget(id),
    );
  const end: IsolateOptions['end'] = (id, now) =>
    endAs(id, { now, isUntold: false }).catch((error: unknown) => {
      if (isRowFault(error)) return endAs(id, { now, isUntold: true });
      throw error;
    });
  return isolateRows(createTracedStore(db, options), { isRowFault, toCode, end, logger });
}

function createTracedStore(db: DatabaseSync, options: RequestStoreOptions): TracedStore {
  const { commits, reads, recent, close } = options;
  const submit = prepareSubmit(db);
  const replay = prepareReplay(reads.db);
  const forgetIdempotencyKeys = prepareForgetIdempotencyKeys(db);
  const find = prepareFind(reads.db);
  const findAnswer = prepareFindAnswer(reads.db);
  const findPicture = prepareFindPicture(reads.db);
  const findPictureByHash = prepareFindPictureByHash(reads.db);
  const listPictures = prepareListPictures(reads.db);
  const list = prepareList(reads);
  const listFailed = prepareListFailed(reads.db);
  const exists = prepareExists(db);
  const hasAnswer = prepareHasAnswer(db);
  const sealLog = prepareSealLog(db);
  /** As a write, so that a yes is durable as well, even when another process has written the row a moment ago. */
  const askFinally = (ask: () => boolean) =>
    commits.write(() => {
      const isThere = ask();
      if (!isThere) sealLog();
      return isThere;
    });
  const attempts = prepareFindAttempts(reads.db);
  const claim = prepareClaim(db);
  const renew = prepareRenew(db);
  const beginCalls = prepareBeginCalls(db);
  const endCalls = prepareEndCalls(db);
  const settle = prepareSettle(db);
  const rescue = prepareRescue(db);
  const expire = prepareExpire(db);
  const moveUp = prepareMoveUp(db);
  const cancel = prepareCancel(db);
  const cancelLeft = prepareCancelLeft(db);
  const requeue = prepareRequeue(db);
  const note = prepareNote(db);
  const ask = prepareQuery(reads.db, 'SELECT turn FROM last_turn');

  const findRecent = (organizationId: string, id: string): ImageRequest | undefined => {
    const known = recent.get(id);
    if (known) return known.organizationId === organizationId ? known : undefined;
    const found = find(organizationId, id);
    if (found) recent.keep(found);
    return found;
  };
  /** A write that changes what the records of these requests show. */
  const change = <T>(work: () => T, toIds: (result: T) => readonly string[]): Promise<T> =>
    commits.write(work, (result) => {
      for (const id of toIds(result)) recent.forget(id);
    });
  const idsOf = (requests: readonly ImageRequest[]) => requests.map(({ id }) => id);

  return {
    submit: (request) => commits.write(() => submit(request)),
    replay: async (organizationId, idempotency, now) => {
      const found = reads.read(() => replay(organizationId, idempotency, now));
      // A submit will be answered with it, so it has to be durable, even when another process has written it a moment ago.
      if (found) await commits.write(() => undefined);
      return found;
    },
    forgetIdempotencyKeys: (query) => commits.write(() => forgetIdempotencyKeys(query)),
    find: async (organizationId, id) => reads.read(() => findRecent(organizationId, id)),
    findAnswer: async (organizationId, name) => reads.read(() => findAnswer(organizationId, name)),
    findPicture: async (name) => reads.read(() => findPicture(name)),
    findPictureByHash: async (organizationId, sha256) => reads.read(() => findPictureByHash(organizationId, sha256)),
    listPictures: async (query) => reads.read(() => listPictures(query)),
    list: filterByText(list),
    listFailed: async (query) => reads.read(() => listFailed(query)),
    exists: (id) => askFinally(() => exists(id)),
    hasAnswer: (call) => askFinally(() => hasAnswer(call)),
    attempts: async (organizationId, requestId) => reads.read(() => attempts(organizationId, requestId)),
    claim: (query, trace) =>
      change(
        () => claim(query, trace),
        ({ claims }) => claims.map(({ request }) => request.id),
      ),
    renew: (leases, query) => commits.write(() => renew(leases, query)),
    beginCalls: (lease, calls) => commits.write(() => beginCalls(lease, calls)),
    endCalls: (lease, ends) =>
      change(
        () => endCalls(lease, ends.map(toStorableEnd)),
        () => [lease.requestId],
      ),
    settle: (settlement, { isUntold } = { isUntold: false }) =>
      change(
        () => settle({ ...settlement, ends: settlement.ends.map(toStorableEnd), isUntold }),
        () => [settlement.lease.requestId],
      ),
    rescue: (query, trace) => change(() => rescue(query, trace), idsOf),
    expire: (query, trace) => change(() => expire(query, trace), idsOf),
    moveUp: (query) =>
      change(
        () => moveUp(query),
        (ids) => ids,
      ),
    cancel: (organizationId, id, given) =>
      change(
        () => cancel(organizationId, id, given),
        () => [id],
      ),
    cancelLeft: (id, given) =>
      change(
        () => cancelLeft(id, given),
        () => [id],
      ),
    requeue: (ids, now, by) =>
      change(() => note(by, { write: () => requeue(ids, now), toDeeds: requestsRequeued }), idsOf),
    check: async () => {
      reads.read(() => ask.get());
    },
    close,
  };
}
