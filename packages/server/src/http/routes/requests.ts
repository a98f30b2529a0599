import { Readable } from 'node:stream';
import { dropIgnoredKeys, listQuerySchema, type Payload, submitBodySchema } from '@darkroom/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { findModel } from '../../core/catalogue.ts';
import type { Conversation } from '../../core/conversation.ts';
import type { ImageRequest } from '../../core/image-request.ts';
import { toOrder } from '../../core/order.ts';
import { estimateCost } from '../../core/pricing.ts';
import type { Notifier } from '../../events/notifier.ts';
import type { Clock } from '../../platform/clock.ts';
import { createRequestId } from '../../platform/ids.ts';
import type { ListQuery, RequestPage, RequestStore } from '../../store/request-store.ts';
import { type InlineContext, removeInlinePictures, storeInlinePictures } from '../inline-pictures.ts';
import { Problem } from '../problem.ts';
import { createInputProblem, parseInput } from '../validation.ts';
import { toRecordChunks, toRecordJson, toSubmitReply, type WireContext } from '../wire.ts';

export interface RequestRoutesOptions extends InlineContext {
  readonly store: RequestStore;
  readonly notifier: Notifier;
  readonly clock: Clock;
  /** Known only when the server listens on a port of the system's choice. */
  readonly publicUrl: () => string;
}

/**
 * Callers use a list without `limit` as a check of their key and to find a request whose reply was lost; it is bounded so
 * that neither costs more as the years go by. docs/decisions/0004-bare-list.md
 */
const bareListLimit = 1_000;

/** How many records are in memory at a time while a list is sent. */
const chunk = 25;

/** A request that is not done by then is given up. */
const deadlineMs = 60 * 60 * 1_000;

export function registerRequestRoutes(app: FastifyInstance, options: RequestRoutesOptions): void {
  const { store, notifier, clock, publicUrl } = options;
  // Polls of a request that has not changed get the same object from the store, and the same text from here.
  const texts = new WeakMap<ImageRequest, string>();

  app.post('/requests', async (request, reply) => {
    const body = parseInput(submitBodySchema, request.body, '');
    // The order of the checks is the wire's: an unknown model is 404, whatever its payload.
    const model = findModel(body.model);
    if (!model) throw new Problem('model_not_found', 'Model not found');
    const payload = parseInput(model.payloadSchema, dropIgnoredKeys(body.payload), 'payload');
    const history = await findHistory(store, payload, request.caller.organizationId);
    const stored = await storeInlinePictures(body.payload, payload, options);
    const order = toOrder(stored.checked, history);
    const now = clock.now();
    const submitted = await store
      .submit({
        ...request.caller,
        id: createRequestId(),
        model: model.id,
        payload: JSON.stringify(stored.payload),
        inline: stored.inline,
        order,
        priority: 0,
        estimatedCostMicros: estimateCost(model.prices, order),
        createdAt: now,
        deadlineAt: now + deadlineMs,
      })
      .catch(async (error: unknown) => {
        await removeInlinePictures(stored.inline, options.media);
        throw error;
      });
    notifier.hintQueued();
    return sendJson(reply, JSON.stringify(toSubmitReply(submitted)));
  });

  app.get<{ Params: { id: string } }>('/requests/:id', async (request, reply) => {
    const found = await store.find(request.caller.organizationId, request.params.id);
    if (!found) throw new Problem('not_found', 'There is no request of this id.');
    const context = { publicUrl: publicUrl(), media: options.media };
    if (found.inline.length > 0) return sendJson(reply, Readable.from(toRecordChunks(found, context)));
    const text = texts.get(found) ?? toRecordJson(found, context.publicUrl);
    texts.set(found, text);
    return sendJson(reply, text);
  });

  app.get('/requests', async (request, reply) => {
    const query = parseInput(listQuerySchema, request.query, '');
    const model = query.model_id ?? query.model;
    const asked: ListQuery = {
      organizationId: request.caller.organizationId,
      limit: query.limit ?? bareListLimit,
      ...(model !== undefined && { model }),
      ...(query.status && { status: query.status }),
      ...(query.offset !== undefined && { offset: query.offset }),
      ...(query.cursor !== undefined && { cursor: query.cursor }),
    };
    // The first page is read before the answer begins, so that a failing store is still an error of its own.
    const first = await store.list({ ...asked, limit: Math.min(asked.limit, chunk) });
    return sendJson(
      reply,
      Readable.from(toListJson({ store, asked, first, publicUrl: publicUrl(), media: options.media })),
    );
  });
}

function sendJson(reply: FastifyReply, body: string | Readable): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(body);
}

/** The conversation that the payload continues by `previous_request_id`. */
async function findHistory(store: RequestStore, payload: Payload, organizationId: string): Promise<Conversation> {
  const id = payload.previous_request_id;
  if (id === undefined) return [];
  const previous = await store.find(organizationId, id);
  if (previous?.outcome?.kind === 'success') return previous.outcome.conversation;
  const message = previous
    ? `is a request that is ${previous.status}: only one that succeeded can be continued`
    : 'is not the id of a request of yours';
  throw createInputProblem([{ path: 'payload.previous_request_id', message }]);
}

interface ListAnswer extends WireContext {
  readonly store: RequestStore;
  readonly asked: ListQuery;
  readonly first: RequestPage;
}

/** The answer to a list, page after page, so that its size does not become memory. */
async function* toListJson({ store, asked, first, ...context }: ListAnswer): AsyncGenerator<string> {
  let page = first;
  let sent = 0;
  let last: string | undefined;
  yield '{"requests":[';
  for (;;) {
    for (const request of page.requests) {
      if (sent > 0) yield ',';
      yield* toRecordChunks(request, context);
      sent += 1;
    }
    last = page.requests.at(-1)?.id ?? last;
    if (!page.hasMore || sent >= asked.limit || last === undefined) break;
    page = await store.list({ ...asked, offset: 0, cursor: last, limit: Math.min(asked.limit - sent, chunk) });
  }
  const more = page.hasMore && last !== undefined ? `true,"next_cursor":${JSON.stringify(last)}` : 'false';
  yield `],"total":${first.total},"has_more":${more}}`;
}
