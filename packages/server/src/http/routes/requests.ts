import { Readable } from 'node:stream';
import { listQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ImageRequest } from '../../core/image-request.ts';
import type { Waiting } from '../../core/waiting.ts';
import type { MediaStore } from '../../media/media-store.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ListQuery, RequestStore } from '../../store/request-store.ts';
import { dropBodies } from '../drop-bodies.ts';
import { Problem } from '../problem.ts';
import { openList, toListJson } from '../record-list.ts';
import { parseInput } from '../validation.ts';
import { addQueue, toAttemptRecord, toRecordChunks, toRecordJson, type WireContext } from '../wire.ts';

export interface RequestRoutesOptions {
  readonly store: RequestStore;
  readonly media: MediaStore;
  readonly clock: Clock;
  /** Why a queued request is not being worked on. */
  readonly waitingOf: (request: ImageRequest) => Promise<Waiting>;
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
  const { store, clock, waitingOf } = options;
  const sendRecord = createRecordSender(options);

  app.get<RequestRoute>('/requests/:id', async (request, reply) => {
    const found = await store.find(request.caller.organizationId, request.params.id);
    if (!found) throw createMissing();
    return sendRecord(reply, found);
  });

  app.get<RequestRoute>('/requests/:id/attempts', async ({ caller, params }) => {
    if (!(await store.find(caller.organizationId, params.id))) throw createMissing();
    const attempts = await store.attempts(caller.organizationId, params.id);
    return { attempts: attempts.map(toAttemptRecord) };
  });

  app.get('/requests', async (request, reply) => {
    const asked = toListQuery(request.query, request.caller.organizationId);
    const list = await openList({
      limit: asked.limit,
      read: (limit, cursor) => store.list({ ...asked, limit, ...(cursor !== undefined && { offset: 0, cursor }) }),
    });
    const facts = { total: list.first.total };
    return sendJson(reply, Readable.from(toListJson(list, { ...toContext(options), waitingOf, facts })));
  });

  app.register(async (scope) => {
    dropBodies(scope);
    for (const [method, url] of [
      ['POST', '/requests/:id/cancel'],
      ['DELETE', '/requests/:id'],
    ] as const) {
      scope.route<RequestRoute>({
        method,
        url,
        handler: async ({ caller, params }, reply) => {
          const cancelled = await store.cancel(caller.organizationId, params.id, clock.now());
          if (!cancelled) throw createMissing();
          return sendRecord(reply, cancelled);
        },
      });
    }
  });
}

/** Sends records, as fast as a poll wants them. */
function createRecordSender(options: RequestRoutesOptions) {
  // Polls of a request that has not changed get the same object from the store, and the same text from here.
  const texts = new WeakMap<ImageRequest, string>();
  return async (reply: FastifyReply, found: ImageRequest): Promise<FastifyReply> => {
    const context = toContext(options);
    if (found.inline.length > 0) return sendJson(reply, Readable.from(toRecordChunks(found, context)));
    const text = texts.get(found) ?? toRecordJson(found, context.publicUrl);
    texts.set(found, text);
    return sendJson(reply, found.status === 'queued' ? addQueue(text, await context.waitingOf(found)) : text);
  };
}

function toContext({ publicUrl, media, waitingOf }: RequestRoutesOptions): WireContext {
  return { publicUrl: publicUrl(), media, waitingOf };
}

function toListQuery(given: unknown, organizationId: string): ListQuery {
  const query = parseInput(listQuerySchema, given, '');
  const model = query.model_id ?? query.model;
  return {
    organizationId,
    limit: query.limit ?? bareListLimit,
    ...(model !== undefined && { model }),
    ...(query.status && { status: query.status }),
    ...(query.offset !== undefined && { offset: query.offset }),
    ...(query.cursor !== undefined && { cursor: query.cursor }),
  };
}

function sendJson(reply: FastifyReply, body: string | Readable): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(body);
}

function createMissing(): Problem {
  return new Problem('not_found', 'There is no request of this id.');
}
