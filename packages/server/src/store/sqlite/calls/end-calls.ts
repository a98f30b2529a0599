import type { DatabaseSync } from 'node:sqlite';
import type { CallEnd, Lease } from '../../../core/image-request.ts';
import type { RequestMoment } from '../../../core/request-events.ts';
import { afterCall, toNewsKeys } from '../../../core/upstream-health.ts';
import { toJson } from '../../rows/request-rows.ts';
import { prepareCommand, prepareQuery } from '../database/statement.ts';
import { prepareRecordMoment } from '../events/record-moments.ts';
import { prepareChangeStates, prepareCountUnderWay } from '../upstreams/upstream-states.ts';
import { prepareTakeBack } from './leftovers.ts';

/**
 * Guarded by the line's own lease, not by the request's: the end of a call is true also when the request has moved on.
 * The request's cost grows only by lines that this write ended, so the same end told twice is paid once. A line that was
 * never sent can only have failed before; whatever else is told of it, it is a leftover and goes with the attempt.
 */
export function prepareEndCalls(db: DatabaseSync): (lease: Lease, ends: readonly CallEnd[]) => void {
  const endLine = prepareEndLine(db);
  const tellUpstream = prepareTellUpstream(db);
  const record = prepareRecordMoment(db);
  const addCost = prepareCommand(db, 'UPDATE requests SET cost_micros = cost_micros + ? WHERE id = ?');
  const addPicture = prepareCommand(
    db,
    'INSERT INTO pictures (name, request_id, number, image_index) VALUES (?, ?, ?, ?)',
  );

  return (lease, ends) => {
    let costMicros = 0;
    for (const end of ends) {
      const line = endLine(lease, end);
      if (!line) continue;
      costMicros += end.costMicros;
      for (const part of end.answer?.parts ?? []) {
        if (part.kind === 'picture') addPicture.run(part.picture.name, lease.requestId, lease.attempt, end.imageIndex);
      }
      tellUpstream(line, end);
      record({ requestId: lease.requestId, at: end.endedAt, moment: toAnswered(lease, end) });
    }
    if (costMicros > 0) addCost.run(costMicros, lease.requestId);
  };
}

function toAnswered({ attempt }: Lease, { imageIndex, result, failure, costMicros }: CallEnd): RequestMoment {
  const code = failure?.code;
  return { kind: 'answered', attempt, image: imageIndex, result, ...(code !== undefined && { code }), costMicros };
}

interface LineRow {
  readonly upstream: string;
  readonly model: string;
  readonly started_at: number;
  readonly sent_at: number | null;
}

/** `undefined`: the line is not there or has ended before. */
function prepareEndLine(db: DatabaseSync): (lease: Lease, end: CallEnd) => LineRow | undefined {
  const update = prepareQuery<LineRow>(
    db,
    `UPDATE attempts SET ended_at = ?1, result = ?2, cost_micros = ?3, is_possibly_billed = ?4, failure = ?5, answer = ?6,
       usage = ?7, model_version = ?8, response_id = ?9
     WHERE request_id = ?10 AND number = ?11 AND image_index = ?12 AND lease_token = ?13
       AND (result IS NULL OR result = 'lost') AND (sent_at IS NOT NULL OR ?2 = 'failed')
     RETURNING upstream, model, started_at, sent_at`,
  );
  return (lease, end) => update.get(...toColumns(end), lease.requestId, lease.attempt, end.imageIndex, lease.token);
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
  ];
}

/** A call that was given back says nothing of its upstream. */
function prepareTellUpstream(db: DatabaseSync): (line: LineRow, end: CallEnd) => void {
  const changeStates = prepareChangeStates(db);
  const countUnderWay = prepareCountUnderWay(db);
  const takeBackCall = prepareTakeBack(db);
  return (line, { result, endedAt, failure }) => {
    const { sent_at: sentAt } = line;
    if (sentAt === null) return takeBackCall(line, endedAt);
    if (result === 'interrupted') return;
    const underWay = failure === undefined ? 0 : countUnderWay(line).underWay + 1;
    const news = { sentAt, endedAt, failure, underWay };
    changeStates(toNewsKeys(line), (key, state) => afterCall(key, state, news));
  };
}
