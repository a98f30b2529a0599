import type { DatabaseSync } from 'node:sqlite';
import type { CallEnd, Lease } from '../../../core/image-request.ts';
import { isEndedBy, type LineRow, toAnswered, toCallNews, toPictures } from '../../decisions/calls.ts';
import { toJson } from '../../rows/request-rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeStates, prepareCountUnderWay } from '../upstreams/upstream-states.ts';

/*
 * Calls: the attempt log, with one line for each call to an upstream. A claim grants a line, `beginCalls` marks it as sent, and
 * `endCalls` writes how it ended and what it cost.
 */

/**
 * Guarded by the line's own lease, not by the request's: the end of a call is true even when the request has moved on. The
 * request's cost grows only by lines that this write ended.
 */
export function prepareEndCalls(db: DatabaseSync): (lease: Lease, ends: readonly CallEnd[]) => void {
  const endLine = prepareEndLine(db);
  const tellUpstream = prepareTellUpstream(db);
  const record = prepareRecordMoment(db);
  const addCost = prepareCommand(db, 'UPDATE requests SET cost_micros = cost_micros + ? WHERE id = ?');
  const addPictures = prepareAddPictures(db);

  return (lease, ends) => {
    let costMicros = 0;
    for (const end of ends) {
      const line = endLine(lease, end);
      if (!line) continue;
      costMicros += end.costMicros;
      addPictures(lease, end);
      tellUpstream(line, end);
      record({ requestId: lease.requestId, at: end.endedAt, moment: toAnswered(lease, end) });
    }
    if (costMicros > 0) addCost.run(costMicros, lease.requestId);
  };
}

/** Each by its name and by its hash. */
function prepareAddPictures(db: DatabaseSync): (lease: Lease, end: CallEnd) => void {
  const addName = prepareCommand(
    db,
    `INSERT INTO pictures (name, request_id, number, image_index, owner_id, owner_key_id, bytes)
     SELECT ?1, ?2, ?3, ?4, organization_id, api_key_id, ?5 FROM requests WHERE id = ?2`,
  );
  const addHash = prepareCommand(
    db,
    `INSERT INTO picture_hashes (organization_id, sha256, name) SELECT organization_id, ?, ? FROM requests WHERE id = ?
     ON CONFLICT (organization_id, sha256) DO UPDATE SET name = excluded.name`,
  );
  return ({ requestId, attempt }, end) => {
    for (const { name, sha256, bytes } of toPictures(end)) {
      addName.run(name, requestId, attempt, end.imageIndex, bytes);
      addHash.run(sha256, name, requestId);
    }
  };
}

/** Returns the line as it was; `undefined`: there is no such line, or this end does not count. */
function prepareEndLine(db: DatabaseSync): (lease: Lease, end: CallEnd) => LineRow | undefined {
  const select = prepareQuery<LineRow>(
    db,
    `SELECT upstream, model, started_at, sent_at, result FROM attempts
     WHERE request_id = ? AND number = ? AND image_index = ? AND lease_token = ?`,
  );
  const update = prepareCommand(
    db,
    `UPDATE attempts SET ended_at = ?, result = ?, cost_micros = ?, is_possibly_billed = ?, failure = ?, answer = ?, usage = ?,
       model_version = ?, response_id = ?, service_tier = ?
     WHERE request_id = ? AND number = ? AND image_index = ?`,
  );
  return ({ requestId, attempt, token }, end) => {
    const line = select.get(requestId, attempt, end.imageIndex, token);
    if (!line || !isEndedBy(line, end)) return undefined;
    update.run(...toColumns(end), requestId, attempt, end.imageIndex);
    return line;
  };
}

function toColumns(end: CallEnd) {
  return [
    end.endedAt,
    end.result,
    end.costMicros,
    end.isPossiblyBilled ? 1 : 0,
    toJson(end.failure),
    toJson(end.answer),
    toJson(end.usage),
    end.modelVersion ?? null,
    end.responseId ?? null,
    end.serviceTier ?? null,
  ];
}

function prepareTellUpstream(db: DatabaseSync): (line: LineRow, end: CallEnd) => void {
  const changeStates = prepareChangeStates(db);
  const countUnderWay = prepareCountUnderWay(db);
  return (line, end) => {
    // The line has ended by now, so those that are still under way are the others.
    const news = toCallNews(line, end, () => countUnderWay(line).underWay + 1);
    if (news) changeStates([news]);
  };
}
