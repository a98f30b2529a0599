import { Readable } from 'node:stream';
import { type AttemptList, type DeletedRequest, listQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { Attempt } from '../../../core/image-request.ts';
import { createInputProblem, parseTolerantly } from '../../../core/parse-input.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import type { Gates } from '../../../http/gates.ts';
import { openList, toListJson } from '../../../http/paged-list.ts';
import { prefersToWait } from '../../../http/prefer.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import type { ListQuery, RequestStore } from '../../../store/request-store.ts';
import { toAttemptRecord } from '../records/attempts.ts';
import { toDeletedRequest } from '../records/deleted-request.ts';
import type { RecordSender } from '../records/record-sender.ts';
import { toRecordChunks } from '../records/request-record.ts';

export interface RequestRoutesOptions {
  readonly intake: Pick<Intake, 'find' | 'cancel' | 'withdraw' | 'deleteRequest' | 'placeOf'>;
  readonly store: Pick<RequestStore, 'list' | 'attempts'>;
  readonly models: ModelRegistry;
  readonly records: Pick<RecordSender, 'send' | 'waitAsPreferred'>;
  readonly media: MediaStore;
  /** Known only when the server listens on a port of the system's choice. */
  readonly publicUrl: () => string;
}

/**
 * Callers use a list without `limit` to check their key and to find a request whose reply was lost. It is bounded so that neither
 * costs more as the years go by. docs/decisions/0004-bare-list.md
 */
const bareListLimit = 1_000;

interface RequestRoute {
  Params: { id: string };
}

/** Reads requests, cancels them and deletes them. */
export function registerRequestRoutes(app: FastifyInstance, gates: Gates, options: RequestRoutesOptions): void {
  const { intake, store, models, records, media, publicUrl } = options;

  app.get<RequestRoute>('/requests/:id', { onRequest: gates.open(prefersToWait) }, async (request, reply) => {
    const { id } = request.params;
    const waited = await records.waitAsPreferred(request, reply, id);
    return records.send(reply, waited ?? (await intake.find(request.caller, id)));
  });

  app.get<RequestRoute>('/requests/:id/attempts', async ({ caller, params }): Promise<AttemptList> => {
    const found = await intake.find(caller, params.id);
    const attempts = await store.attempts(caller.organizationId, params.id);
    const places = { publicUrl: publicUrl(), media };
    const modelOf = ({ standIn }: Attempt) => models.find(standIn?.model ?? found.model);
    return { attempts: attempts.map((attempt) => toAttemptRecord(attempt, { ...places, model: modelOf(attempt) })) };
  });

  app.get('/requests', async (request, reply) => {
    const asked = toListQuery(request.query, request.caller.organizationId);
    const list = await openList({
      limit: asked.limit,
      isSearch: asked.text !== undefined,
      read: (limit, cursor) => store.list({ ...asked, limit, ...(cursor !== undefined && { offset: 0, cursor }) }),
    });
    const context = { publicUrl: publicUrl(), media, placeOf: intake.placeOf };
    const words = {
      toChunks: (one: Parameters<typeof toRecordChunks>[0]) => toRecordChunks(one, context),
      facts: { total: list.first.total },
    };
    return reply.type('application/json; charset=utf-8').send(Readable.from(toListJson(list, words)));
  });

  app.register(async (scope) => {
    dropBodies(scope);

    scope.post<RequestRoute>('/requests/:id/cancel', async ({ caller, params }, reply) =>
      records.send(reply, await intake.cancel(caller, params.id)),
    );

    scope.delete<RequestRoute>('/requests/:id', async ({ caller, params }, reply) => {
      const withdrawn = await intake.withdraw(caller, params.id);
      if (withdrawn.kind === 'deleted') return reply.send(toDeletedRequest(withdrawn.left));
      return records.send(reply, withdrawn.request);
    });

    scope.delete<RequestRoute>(
      '/requests/:id/content',
      async ({ caller, params }): Promise<DeletedRequest> =>
        toDeletedRequest(await intake.deleteRequest(caller, params.id)),
    );
  });
}

function toListQuery(given: unknown, organizationId: string): ListQuery {
  const query = parseTolerantly(listQuerySchema, given, '');
  if (query.text !== undefined && query.offset !== undefined)
    throw createInputProblem([{ path: 'offset', message: 'cannot be combined with text: use cursor instead' }]);
  const model = query.model_id ?? query.model;
  return {
    organizationId,
    limit: query.limit ?? bareListLimit,
    ...(model !== undefined && { model }),
    ...(query.status && { status: query.status }),
    ...(query.offset !== undefined && { offset: query.offset }),
    ...(query.cursor !== undefined && { cursor: query.cursor }),
    ...(query.created_from !== undefined && { createdFrom: query.created_from * 1_000 }),
    ...(query.created_before !== undefined && { createdBefore: query.created_before * 1_000 }),
    ...(query.text !== undefined && { text: query.text }),
  };
}
