import type { DatabaseSync } from 'node:sqlite';
import type { ImageRequest } from '../../core/image-request.ts';
import type { NewRequest } from '../request-store.ts';
import { prepareCommand, prepareQuery } from './query.ts';
import { toJson } from './rows.ts';

/**
 * Two inserts, row and payload (migration 001 says why). The row that the caller gets is put together here instead of
 * read back: it holds nothing that the caller did not give.
 */
export function prepareSubmit(db: DatabaseSync): (request: NewRequest) => ImageRequest {
  const insertRequest = prepareQuery<{ readonly seq: number }>(
    db,
    `INSERT INTO requests (
       id, organization_id, api_key_id, model, status, ready, priority, attempt, available_at, estimated_cost_micros,
       cost_micros, created_at, queued_at, updated_at, deadline_at
     ) VALUES (?1, ?2, ?3, ?4, 'queued', 1, ?5, 0, ?6, ?7, 0, ?6, ?6, ?6, ?8)
     RETURNING seq`,
  );
  const insertPayload = prepareCommand(db, 'INSERT INTO payloads (seq, payload, inline, work) VALUES (?, ?, ?, ?)');

  return (request) => {
    const { id, organizationId, apiKeyId, model, payload, priority, estimatedCostMicros, createdAt, deadlineAt } =
      request;
    const values = [id, organizationId, apiKeyId, model, priority, createdAt, estimatedCostMicros, deadlineAt];
    const row = insertRequest.get(...values);
    const inline = request.inline.length > 0 ? toJson(request.inline) : null;
    insertPayload.run(row?.seq ?? null, payload, inline, toJson(request.order));
    return toQueuedRequest(request);
  };
}

function toQueuedRequest({ order: _order, ...request }: NewRequest): ImageRequest {
  return {
    ...request,
    status: 'queued',
    attempt: 0,
    availableAt: request.createdAt,
    outcome: undefined,
    costMicros: 0,
    queuedAt: request.createdAt,
    updatedAt: request.createdAt,
  };
}
