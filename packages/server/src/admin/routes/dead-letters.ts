import { Readable } from 'node:stream';
import { failedQuerySchema, type RequeueReply, requeueBodySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { type FailureCode, failureKinds } from '../../core/failures.ts';
import { createInputProblem, parseInput, parseTolerantly } from '../../core/parse-input.ts';
import { openList, type ToRecordChunks, toListJson } from '../../http/paged-list.ts';
import type { Intake } from '../../intake/intake.ts';
import type { FailedFilter } from '../../intake/requeue.ts';
import type { RequestStore } from '../../store/request-store.ts';

export interface DeadLetterRoutesOptions {
  readonly intake: Pick<Intake, 'requeue'>;
  readonly store: Pick<RequestStore, 'listFailed'>;
  /** The record of a request, in the format that callers know. */
  readonly toRecordChunks: ToRecordChunks;
}

/** Requests that have failed: the operator reads them, and queues them again. */
export function registerDeadLetterRoutes(app: FastifyInstance, options: DeadLetterRoutesOptions): void {
  const { intake, store, toRecordChunks: toChunks } = options;

  app.get('/failed', async (request, reply) => {
    const query = parseTolerantly(failedQuerySchema, request.query, '');
    const filter = toFilter(query);
    const list = await openList({
      limit: query.limit,
      isSearch: false,
      read: (limit, cursor = query.cursor) =>
        store.listFailed({ ...filter, limit, ...(cursor !== undefined && { cursor }) }),
    });
    const body = Readable.from(toListJson(list, { toChunks, facts: {} }));
    return reply.type('application/json; charset=utf-8').send(body);
  });

  app.post('/requeue', async ({ body: given, caller }): Promise<RequeueReply> => {
    const body = parseInput(requeueBodySchema, given, '');
    const { request_ids: ids } = body;
    const { count, skipped } = await intake.requeue(ids ? { ids } : { failed: toFilter(body) }, caller.actor);
    return { requeued: count, ...(ids && { skipped: [...skipped] }) };
  });
}

interface GivenFilter {
  readonly code?: string | undefined;
  readonly organization_id?: string | undefined;
}

function toFilter({ code, organization_id: organizationId }: GivenFilter): FailedFilter {
  return {
    ...(code !== undefined && { code: parseFailureCode(code) }),
    ...(organizationId !== undefined && { organizationId }),
  };
}

function parseFailureCode(code: string): FailureCode {
  if (Object.hasOwn(failureKinds, code)) return code as FailureCode; // a key of the table, as was looked up
  const known = Object.keys(failureKinds).join(', ');
  throw createInputProblem([{ path: 'code', message: `is not the code of a failure. The codes are ${known}` }]);
}
