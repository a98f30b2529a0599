import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import { EventSink } from '../../../http/event-sink.ts';
import type { Gates } from '../../../http/gates.ts';
import { sendJson } from '../../../http/json-answer.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { WirePorts } from '../../wire.ts';
import { toRequestError } from '../errors.ts';
import { toResult } from '../records.ts';
import { giveUpUnstarted } from '../starting.ts';
import type { ReadStatus } from '../status-reader.ts';
import { streamStatus } from '../status-stream.ts';

export type RequestRoutesOptions = Pick<WirePorts, 'intake' | 'media' | 'publicUrl' | 'clock' | 'logger'> & {
  readonly readStatus: ReadStatus;
};

interface RequestRoute {
  Params: { owner: string; alias: string; id: string };
  Querystring: { logs?: string };
}

type RequestCall = FastifyRequest<RequestRoute>;

/** Reads a request of the queue, and cancels it. */
export function registerRequestRoutes(app: FastifyInstance, gates: Gates, options: RequestRoutesOptions): void {
  const { intake, media, publicUrl, clock, logger, readStatus } = options;
  const path = '/queue/:owner/:alias/requests/:id';

  const find = async ({ caller, params }: RequestCall) =>
    giveUpUnstarted(await intake.find(caller, params.id), caller, { intake, clock });

  app.get<RequestRoute>(`${path}/status`, async (call, reply) => {
    const request = await find(call);
    return reply.header('x-fal-request-id', request.id).send(await readStatus(request, toFacts(call)));
  });

  app.get<RequestRoute>(`${path}/status/stream`, { onRequest: gates.open() }, async (call, reply) => {
    const { caller, revoked } = call;
    const first = await find(call);
    reply.header('x-fal-request-id', first.id);
    const sink = new EventSink(reply, clock);
    const signal = revoked ? AbortSignal.any([sink.signal, revoked]) : sink.signal;
    await streamStatus(first, {
      sink,
      signal,
      clock,
      logger,
      toText: async (request) => JSON.stringify(await readStatus(request, toFacts(call))),
      next: async (timeoutMs) =>
        giveUpUnstarted(await intake.wait(caller, first.id, { timeoutMs, signal }), caller, { intake, clock }),
    });
  });

  app.get<RequestRoute>(path, async (call, reply) => {
    const request = await find(call);
    const places = { media, publicUrl: publicUrl() };
    return sendJson(reply, isEnded(request.status) ? toResult(request, places) : toUnfinished(request), media);
  });

  app.register(async (scope) => {
    dropBodies(scope);
    scope.put<RequestRoute>(`${path}/cancel`, (call, reply) => cancel(call, reply, intake));
    scope.post<RequestRoute>(`${path}/cancel`, (call, reply) => cancel(call, reply, intake));
  });
}

function toFacts({ params, query }: RequestCall) {
  return { app: `${params.owner}/${params.alias}`, withLogs: query.logs === '1' || query.logs === 'true' };
}

function toUnfinished({ id }: ImageRequest) {
  return toRequestError(400, 'bad_request', `Request ${id} is still in progress. Poll its status.`);
}

async function cancel({ caller, params }: RequestCall, reply: FastifyReply, intake: Pick<Intake, 'find' | 'cancel'>) {
  const before = await intake.find(caller, params.id);
  // It may end in another way in between.
  const after = isEnded(before.status) ? undefined : await intake.cancel(caller, params.id);
  if (after?.status !== 'cancelled') return reply.code(400).send({ status: 'ALREADY_COMPLETED' });
  return reply.code(202).send({ status: 'CANCELLATION_REQUESTED' });
}
