import type { ImageRequest } from '../../../core/image-request.ts';
import type { Logger } from '../../../platform/logger.ts';
import { type IsolateOptions, isolateRows, type TracedStore } from '../../damage/isolate-rows.ts';
import { requestsRequeued } from '../../decisions/deeds.ts';
import { filterByText } from '../../lists/text-filter.ts';
import type { NewRequest, RequestStore, SubmitResult } from '../../request-store.ts';
import { toStorableEnd } from '../../rows/storable.ts';
import { notedWrite } from '../audit/audit.ts';
import { findAttempts } from '../calls/attempts.ts';
import { type Beginning, beginAll } from '../calls/begin-calls.ts';
import { claim } from '../claims/claim.ts';
import { expire } from '../claims/expire.ts';
import { moveUp } from '../claims/move-up.ts';
import { renew } from '../claims/renew.ts';
import { rescue } from '../claims/rescue.ts';
import { type Ending, settleAll } from '../claims/settle.ts';
import { Batch } from '../database/batch.ts';
import type { Database } from '../database/database.ts';
import { isRowFault, toCode } from '../database/failures.ts';
import { toStatement } from '../database/statement.ts';
import { cancel, cancelLeft } from './cancel.ts';
import { endPoisoned } from './end-poisoned.ts';
import { createFinalAnswers, exists, hasAnswer, type Question } from './exists.ts';
import { findAll } from './find.ts';
import { findAnswer } from './find-answer.ts';
import { findPicture, findPictureByHash, listPictures } from './find-pictures.ts';
import { forgetIdempotencyKeys } from './idempotency.ts';
import { list } from './list.ts';
import { listFailed } from './list-failed.ts';
import { replayAll } from './replay.ts';
import { requeue } from './requeue.ts';
import { submitAll } from './submit.ts';

/*
 * The rows of the requests: submit, find, list, cancel and queue again, and the checks that say for certain whether a request or
 * an answer was kept. Each file has the statements of one operation; this file combines them, and those of `calls/` and
 * `claims/`, into a `RequestStore`.
 */

const ask = toStatement('SELECT last_seq FROM event_counter');

export interface RequestStoreOptions {
  readonly logger: Logger;
  readonly close: (batches: readonly Closing[]) => Promise<void>;
}

/** The hot writes go in batches; each of the others has its own transaction. */
export function createRequestStore(db: Database, { logger, close }: RequestStoreOptions): RequestStore {
  const end: IsolateOptions['end'] = (id, now) => endPoisoned(db, id, now);
  return isolateRows(createTracedStore(db, close), { isRowFault, toCode, end, logger });
}

function createTracedStore(db: Database, close: RequestStoreOptions['close']): TracedStore {
  const submits = createSubmits(db);
  const begins = createBegins(db);
  const endings = createEndings(db);
  const finds = createFinds(db);
  const finals = createFinalAnswers(db);
  const askFinally = async (ask: Question) => (await ask(db)) || finals.add(ask);
  return {
    submit: (request) => submits.add(request),
    replay: async (organizationId, idempotency, now) => {
      const asked = { organizationId, idempotency, now };
      return (await replayAll(db, [asked]))(asked);
    },
    forgetIdempotencyKeys: (query) => db.transaction((session) => forgetIdempotencyKeys(session, query)),
    find: (organizationId, id) => finds.add({ organizationId, id }),
    findAnswer: (organizationId, name) => findAnswer(db, organizationId, name),
    findPicture: (name) => findPicture(db, name),
    findPictureByHash: (organizationId, sha256) => findPictureByHash(db, organizationId, sha256),
    listPictures: (query) => listPictures(db, query),
    list: filterByText((query) => list(db, query)),
    listFailed: (query) => listFailed(db, query),
    exists: (id) => askFinally((session) => exists(session, id)),
    hasAnswer: (call) => askFinally((session) => hasAnswer(session, call)),
    attempts: (organizationId, requestId) => findAttempts(db, organizationId, requestId),
    claim: (query, trace) => claim(db, query, trace),
    renew: (leases, query) => db.transaction((session) => renew(session, leases, query)),
    beginCalls: (lease, calls) => begins.add({ lease, ...calls }),
    endCalls: async (lease, ends) => {
      await endings.add({ lease, ends: ends.map(toStorableEnd), settled: undefined });
    },
    settle: ({ lease, ends, verdict, now }, { isUntold } = { isUntold: false }) =>
      endings.add({ lease, ends: ends.map(toStorableEnd), settled: { verdict, now, isUntold } }),
    rescue: (query, trace) => rescue(db, query, trace),
    expire: (query, trace) => expire(db, query, trace),
    moveUp: (query) => moveUp(db, query),
    cancel: (organizationId, id, given) =>
      db.transaction((session) => cancel(session, { organizationId, id, ...given })),
    cancelLeft: (id, given) => db.transaction((session) => cancelLeft(session, id, given)),
    requeue: (ids, now, by) =>
      notedWrite(db, by, { write: (session) => requeue(session, ids, now), toDeeds: requestsRequeued }),
    check: async () => {
      await db.askOnce(ask);
    },
    close: () => close([submits, begins, endings, finds, finals]),
  };
}

interface Closing {
  close(): Promise<void>;
}

/** This many characters of payload weigh as much as one more request: large requests must not delay the others. */
const charactersPerWeight = 65_536;

/** A second submit with the same idempotency key, or of the same call, has to find the first one kept. */
function createSubmits(db: Database): Batch<NewRequest, SubmitResult> {
  return new Batch({
    run: (requests) => db.transaction((session) => submitAll(session, requests)),
    keyOf: ({ id, organizationId, apiKeyId, idempotency, call }) => {
      if (idempotency) return `${organizationId}\n${idempotency.key}`;
      return call ? `${organizationId}\n${apiKeyId}\n${call.hash}` : id;
    },
    weightOf: ({ payload }) => 1 + payload.length / charactersPerWeight,
  });
}

function createBegins(db: Database): Batch<Beginning, boolean> {
  return new Batch({
    run: (beginnings) => db.transaction((session) => beginAll(session, beginnings)),
    keyOf: ({ lease }) => lease.requestId,
  });
}

/** Ends of the same request follow one another. */
function createEndings(db: Database): Batch<Ending, boolean> {
  return new Batch({
    run: (endings) => db.transaction((session) => settleAll(session, endings)),
    keyOf: ({ lease }) => lease.requestId,
  });
}

interface Wanted {
  readonly organizationId: string;
  readonly id: string;
}

function createFinds(db: Database): Batch<Wanted, ImageRequest | undefined> {
  return new Batch({ run: (wanted) => findAll(db, wanted), parallel: 4 });
}
