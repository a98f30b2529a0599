import { Readable } from 'node:stream';
import { listQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import { countWaits, type OpenCalls } from '../../../http/open-calls.ts';
import { createMissing, Problem } from '../../../http/problem.ts';
import { createInputProblem, parseTolerantly } from '../../../http/validation.ts';
import type { ModelRegistry } from '../../../models/registry.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { ListQuery, RequestStore } from '../../../store/request-store.ts';
import { openList, toListJson } from '../records/record-list.ts';
import type { RecordSender } from '../records/record-sender.ts';
import { toAttemptRecord, type WireContext } from '../records/wire.ts';

export interface RequestRoutesOptions extends Pick<WireContext, 'media' | 'placeOf'> {
  readonly store: RequestStore;
  readonly records: RecordSender;
  readonly openCalls: OpenCalls;
  readonly models: ModelRegistry;
  readonly clock: Clock;
  /** Known only when the server listens on a port of the system's choice. */
  readonly publicUrl: () => string;
}

/**
 * Callers use a list without `limit` as a check of their key and to find a request whose reply was lost; it is bounded so
 * that neither costs more as the years go by. docs/decisions/0004-bare-list.md
 */
const bareListLimit = 1_000;

interface RequestRoute {
  Params: { id: string };
}

/** Reading requests, and cancelling them. */
export function registerRequestRoutes(app: FastifyInstance, options: RequestRoutesOptions): void {
  const { store, records, openCalls, models, clock, media, placeOf, publicUrl } = options;

  app.get<RequestRoute>('/requests/:id', { onRequest: countWaits(openCalls) }, async (request, reply) => {
    const { id } = request.params;
    const waited = await records.waitAsPreferred(request, reply, id);
    const found = waited ?? (await store.find(request.caller.organizationId, id));
    if (!found) throw createMissing();
    return records.send(reply, found);
  });

  app.get<RequestRoute>('/requests/:id/attempts', async ({ caller, params }) => {
    const found = await store.find(caller.organizationId, params.id);
    if (!found) throw createMissing();
    const attempts = await store.attempts(caller.organizationId, params.id);
    const context = { publicUrl: publicUrl(), media, model: models.find(found.model) };
    return { attempts: attempts.map((attempt) => toAttemptRecord(attempt, context)) };
  });

  app.get('/requests', async (request, reply) => {
    const asked = toListQuery(request.query, request.caller.organizationId);
    const list = await openList({
      limit: asked.limit,
      isSearch: asked.text !== undefined,
      read: (limit, cursor) => store.list({ ...asked, limit, ...(cursor !== undefined && { offset: 0, cursor }) }),
    });
    const facts = { total: list.first.total };
    const body = Readable.from(toListJson(list, { publicUrl: publicUrl(), media, placeOf, facts }));
    return reply.type('application/json; charset=utf-8').send(body);
  });

  app.register(async (scope) => {
    dropBodies(scope);
    const cancel = async (organizationId: string, id: string) => {
      const cancelled = await store.cancel(organizationId, id, clock.now());
      if (!cancelled) throw createMissing();
      return cancelled;
    };

    scope.post<RequestRoute>('/requests/:id/cancel', async ({ caller, params }, reply) =>
      records.send(reply, await cancel(caller.organizationId, params.id)),
    );

    scope.delete<RequestRoute>('/requests/:id', async ({ caller, params }, reply) => {
      const found = await store.find(caller.organizationId, params.id);
      if (!found) throw createMissing();
      if (hasEnded(found)) throw createEnded(found);
      const cancelled = await cancel(caller.organizationId, params.id);
      // It may have ended otherwise in between.
      if (cancelled.status !== 'cancelled') throw createEnded(cancelled);
      return records.send(reply, cancelled);
    });
  });
}

function hasEnded({ status }: ImageRequest): boolean {
  return status !== 'queued' && status !== 'processing';
}

/** 200 would say that something was deleted. */
function createEnded({ status }: ImageRequest): Problem {
  return new Problem(
    'request_ended',
    `The request has ended as ${status} and cannot be cancelled any more. Ended requests and their pictures cannot be deleted yet.`,
  );
}

function toListQuery(given: unknown, organizationId: string): ListQuery {
  const query = parseTolerantly(listQuerySchema, given, '');
  if (query.text !== undefined && query.offset !== undefined)
    throw createInputProblem([{ path: 'offset', message: 'cannot stand beside text: go on with cursor' }]);
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
