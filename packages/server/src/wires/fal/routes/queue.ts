import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import { EventSink } from '../../../http/event-sink.ts';
import type { Gates } from '../../../http/gates.ts';
import { sendJson } from '../../../http/json-answer.ts';
import type { RequestStore } from '../../../store/request-store.ts';
import type { LongCalls } from '../../long-calls.ts';
import type { WirePorts } from '../../wire.ts';
import { toRequestError } from '../errors.ts';
import { type StatusFacts, toApp, toQueueStatus, toResult, toStatus } from '../records.ts';
import { giveUpUnstarted } from '../starting.ts';
import { streamStatus } from '../status-stream.ts';
import { type FalRoute, toSubmission } from '../submission.ts';

export type QueueRoutesOptions = Pick<WirePorts, 'intake' | 'models' | 'media' | 'publicUrl' | 'clock' | 'logger'> & {
  readonly store: Pick<RequestStore, 'attempts'>;
  readonly calls: LongCalls;
};

interface RequestRoute {
  Params: { owner: string; alias: string; id: string };
  Querystring: { logs?: string };
}

const requestPath = '/queue/:owner/:alias/requests/:id';

/** The calls of `queue.fal.run`. */
export function registerQueueRoutes(app: FastifyInstance, gates: Gates, options: QueueRoutesOptions): void {
  const { calls, intake, store, models, media, publicUrl, clock, logger } = options;

  const find = async ({ caller, params }: FastifyRequest<RequestRoute>) =>
    giveUpUnstarted(await intake.find(caller, params.id), caller, { intake, clock });

  const describe = async (request: ImageRequest, facts: Pick<StatusFacts, 'app' | 'withLogs'>) => {
    const isQueued = toQueueStatus(request) === 'IN_QUEUE';
    const position = isQueued ? (await intake.placeOf(request)).position : undefined;
    const attempts = isQueued ? [] : await store.attempts(request.organizationId, request.id);
    return toStatus(request, { ...facts, position, attempts, publicUrl: publicUrl() });
  };

  const toFacts = ({ params, query }: FastifyRequest<RequestRoute>) => ({
    app: `${params.owner}/${params.alias}`,
    withLogs: query.logs === '1' || query.logs === 'true',
  });

  app.post<FalRoute>(
    '/queue/*',
    { config: { hashesBody: true }, onRequest: [gates.room, gates.rate] },
    async (call, reply) => {
      const submission = toSubmission(call, models);
      const facts = { app: toApp(call.params['*']), withLogs: false };
      return calls.answer(call, reply, {
        submission,
        timeoutMs: 0,
        toAnswer: async (request) => ({
          status: 200,
          headers: { 'x-fal-request-id': request.id },
          body: { ...(await describe(request, facts)), gateway_request_id: request.id },
        }),
      });
    },
  );

  app.get<RequestRoute>(`${requestPath}/status`, async (call, reply) => {
    const request = await find(call);
    return reply.header('x-fal-request-id', request.id).send(await describe(request, toFacts(call)));
  });

  app.get<RequestRoute>(`${requestPath}/status/stream`, { onRequest: gates.open() }, async (call, reply) => {
    const first = await find(call);
    reply.header('x-fal-request-id', first.id);
    const { caller, revoked } = call;
    const sink = new EventSink(reply, clock);
    const signal = revoked ? AbortSignal.any([sink.signal, revoked]) : sink.signal;
    await streamStatus(first, {
      sink,
      clock,
      logger,
      toText: async (request) => JSON.stringify(await describe(request, toFacts(call))),
      next: async (timeoutMs) =>
        giveUpUnstarted(await intake.wait(caller, first.id, { timeoutMs, signal }), caller, { intake, clock }),
      signal,
    });
  });

  app.get<RequestRoute>(requestPath, async (call, reply) => {
    const request = await find(call);
    return sendJson(reply, isEnded(request.status) ? toResult(request, toPlaces()) : toUnfinished(request), media);
  });

  app.register(async (scope) => {
    dropBodies(scope);
    scope.put<RequestRoute>(`${requestPath}/cancel`, (call, reply) => cancel(call, reply));
    scope.post<RequestRoute>(`${requestPath}/cancel`, (call, reply) => cancel(call, reply));
  });

  const cancel = async ({ caller, params }: FastifyRequest<RequestRoute>, reply: FastifyReply) => {
    const before = await intake.find(caller, params.id);
    if (isEnded(before.status)) return reply.code(400).send({ status: 'ALREADY_COMPLETED' });
    const { status } = await intake.cancel(caller, params.id);
    if (status !== 'cancelled') return reply.code(400).send({ status: 'ALREADY_COMPLETED' });
    return reply.code(202).send({ status: 'CANCELLATION_REQUESTED' });
  };

  const toPlaces = () => ({ media, publicUrl: publicUrl() });
}

function toUnfinished({ id }: ImageRequest) {
  return toRequestError(400, 'bad_request', `Request ${id} is still in progress: its status says how far it is.`);
}
