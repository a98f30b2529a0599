import type { CallEnd, Lease } from '../../../core/image-request.ts';
import {
  type LineRow as AttemptLineRow,
  isEndedBy,
  toAnswered,
  toCallNews,
  toPictures,
} from '../../decisions/calls.ts';
import type { Telling } from '../../decisions/news.ts';
import type { StateChange } from '../../decisions/upstream-states.ts';
import { toJson } from '../../rows/request-rows.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';
import { countUnderWay } from '../upstreams/upstream-states.ts';

/*
 * Calls: the attempt log, with one line for each call to an upstream. A claim grants a line, `beginCalls` marks it as sent, and
 * `endCalls` writes how it ended and what it cost.
 */

/** Calls of an attempt that have ended. */
export interface EndedCalls {
  readonly lease: Lease;
  readonly ends: readonly CallEnd[];
}

export const selectLines = toStatement<LineRow>(
  `SELECT attempts.request_id, attempts.number, image_index, upstream, model, started_at, sent_at, result FROM attempts
   JOIN unnest($1::text[], $2::bigint[], $3::text[]) AS lease (request_id, number, token)
     ON attempts.request_id = lease.request_id AND attempts.number = lease.number AND lease_token = lease.token`,
);

interface LineRow extends AttemptLineRow {
  readonly request_id: string;
  readonly number: number;
  readonly image_index: number;
}

export const updateLines = toStatement(
  `UPDATE attempts SET ended_at = ended.ended_at, result = ended.result, cost_micros = ended.cost_micros,
     is_possibly_billed = ended.is_possibly_billed, failure = ended.failure, answer = ended.answer, usage = ended.usage,
     model_version = ended.model_version, response_id = ended.response_id,
     service_tier = ended.service_tier
   FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::boolean[], $8::text[],
     $9::text[], $10::text[], $11::text[], $12::text[], $13::text[]) AS ended (request_id, number, image_index, ended_at, result,
     cost_micros, is_possibly_billed, failure, answer, usage, model_version, response_id, service_tier)
   WHERE attempts.request_id = ended.request_id AND attempts.number = ended.number
     AND attempts.image_index = ended.image_index`,
);

/**
 * Each by its name and by its hash: of those with the same bytes, the last. Hashes are written in their order, so that no two
 * transactions wait for each other.
 */
export const insertPictures = toStatement(
  `WITH made AS (
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[])
       WITH ORDINALITY AS made (name, request_id, number, image_index, sha256, bytes, place)
   ), hashed AS (
     INSERT INTO picture_hashes (organization_id, sha256, name)
     SELECT DISTINCT ON (organization_id, sha256) organization_id, sha256, name
     FROM made JOIN requests ON requests.id = made.request_id ORDER BY organization_id, sha256, place DESC
     ON CONFLICT (organization_id, sha256) DO UPDATE SET name = excluded.name
   )
   INSERT INTO pictures (name, request_id, number, image_index, owner_id, owner_key_id, bytes)
   SELECT name, request_id, number, image_index, organization_id, api_key_id, bytes
   FROM made JOIN requests ON requests.id = made.request_id`,
);

/** A line that this write has ended. */
interface Ended {
  readonly lease: Lease;
  readonly end: CallEnd;
  readonly line: LineRow;
}

export interface EndedLines {
  readonly tellingsOf: (requestId: string) => readonly Telling[];
  readonly costOf: (requestId: string) => number;
  /** What the ends say about their upstreams. */
  readonly changes: readonly StateChange[];
}

/**
 * Guarded by the line's own lease, not by the request's: the end of a call is true even when the request has moved on. The
 * requests are locked, so no other transaction ends their lines.
 */
export async function endCalls(session: Session, calls: readonly EndedCalls[]): Promise<EndedLines> {
  const withEnds = calls.filter(({ ends }) => ends.length > 0);
  const ended = withEnds.length === 0 ? [] : toEnded(withEnds, await readLines(session, withEnds));
  const [, , changes] = await Promise.all([
    writeLines(session, ended),
    writePictures(session, ended),
    toChanges(session, ended),
  ]);
  const ofRequest = (requestId: string) => ended.filter(({ lease }) => lease.requestId === requestId);
  return {
    tellingsOf: (requestId) => ofRequest(requestId).map(toTelling),
    costOf: (requestId) => ofRequest(requestId).reduce((sum, { end }) => sum + end.costMicros, 0),
    changes,
  };
}

function readLines(session: Session, calls: readonly EndedCalls[]): Promise<readonly LineRow[]> {
  return session.all(
    selectLines,
    calls.map(({ lease }) => lease.requestId),
    calls.map(({ lease }) => lease.attempt),
    calls.map(({ lease }) => lease.token),
  );
}

/**
 * The ends that count, in the order in which they were reported. When the same call is reported twice, only the first report
 * counts.
 */
function toEnded(calls: readonly EndedCalls[], lines: readonly LineRow[]): readonly Ended[] {
  const open = new Set(lines);
  return calls.flatMap(({ lease, ends }) =>
    ends.flatMap((end) => {
      const line = [...open].find(
        (one) =>
          one.request_id === lease.requestId && one.number === lease.attempt && one.image_index === end.imageIndex,
      );
      if (!line || !isEndedBy(line, end)) return [];
      open.delete(line);
      return [{ lease, end, line }];
    }),
  );
}

async function writeLines(session: Session, ended: readonly Ended[]): Promise<void> {
  if (ended.length === 0) return;
  await session.run(
    updateLines,
    ended.map(({ line }) => line.request_id),
    ended.map(({ line }) => line.number),
    ended.map(({ line }) => line.image_index),
    ended.map(({ end }) => end.endedAt),
    ended.map(({ end }) => end.result),
    ended.map(({ end }) => end.costMicros),
    ended.map(({ end }) => end.isPossiblyBilled),
    ended.map(({ end }) => toJson(end.failure)),
    ended.map(({ end }) => toJson(end.answer)),
    ended.map(({ end }) => toJson(end.usage)),
    ended.map(({ end }) => end.modelVersion ?? null),
    ended.map(({ end }) => end.responseId ?? null),
    ended.map(({ end }) => end.serviceTier ?? null),
  );
}

async function writePictures(session: Session, ended: readonly Ended[]): Promise<void> {
  const pictures = ended.flatMap(({ line, end }) =>
    toPictures(end).map(({ name, sha256, bytes }) => ({ line, name, sha256, bytes })),
  );
  if (pictures.length === 0) return;
  await session.run(
    insertPictures,
    pictures.map(({ name }) => name),
    pictures.map(({ line }) => line.request_id),
    pictures.map(({ line }) => line.number),
    pictures.map(({ line }) => line.image_index),
    pictures.map(({ sha256 }) => sha256),
    pictures.map(({ bytes }) => bytes),
  );
}

function toTelling({ lease, end }: Ended): Telling {
  return { requestId: lease.requestId, at: end.endedAt, moment: toAnswered(lease, end) };
}

/** Only failures need to know how many other calls are under way. */
async function toChanges(session: Session, ended: readonly Ended[]): Promise<readonly StateChange[]> {
  const failed = ended.filter(({ end }) => end.failure !== undefined);
  const underWayOn = await countUnderWay(
    session,
    failed.map(({ line: { upstream, model } }) => ({ upstream, model })),
  );
  return ended.flatMap(({ line, end }, index) => {
    // Calls of this batch that end after it were still under way with it.
    const after = ended
      .slice(index + 1)
      .filter((one) => one.line.result === null && isSameModel(one.line, line)).length;
    return toCallNews(line, end, () => underWayOn(line) + after + 1) ?? [];
  });
}

function isSameModel(a: LineRow, b: LineRow): boolean {
  return a.upstream === b.upstream && a.model === b.model;
}
