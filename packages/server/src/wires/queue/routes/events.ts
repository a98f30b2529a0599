import { type RequestLog, streamQuerySchema } from '@darkroom/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isEnded } from '../../../core/lifecycle.ts';
import { parseInput } from '../../../core/parse-input.ts';
import { toStatus } from '../../../core/request-events.ts';
import type { EventHub } from '../../../events/event-hub.ts';
import { readHistory } from '../../../events/history.ts';
import { EventSink } from '../../../http/event-sink.ts';
import type { Gates } from '../../../http/gates.ts';
import { Pulse } from '../../../http/pulse.ts';
import { openLastingAnswer } from '../../../http/sockets/open-answer.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { EventStore } from '../../../store/event-store.ts';
import type { RequestStore } from '../../../store/request-store.ts';
import { streamOrganization } from '../organization-stream.ts';
import { toQueueText } from '../records/events.ts';
import { toLogLines, toWaitingLine } from '../records/logs.ts';
import type { RecordSender } from '../records/record-sender.ts';
import { RequestStream } from '../request-stream.ts';

export interface EventRoutesOptions {
  readonly intake: Pick<Intake, 'find' | 'placeOf'>;
  readonly store: Pick<RequestStore, 'find'>;
  readonly events: EventStore;
  readonly hub: EventHub;
  readonly records: RecordSender;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface RequestRoute {
  Params: { id: string };
}

/** Follows requests as they change, and reads their history. */
export function registerEventRoutes(app: FastifyInstance, gates: Gates, options: EventRoutesOptions): void {
  const { intake, store, events, clock } = options;
  const { placeOf } = intake;
  const pulse = new Pulse(clock, async (organizationId, requestId) => {
    const found = await store.find(organizationId, requestId);
    return found?.status === 'queued' ? toQueueText(await placeOf(found)) : undefined;
  });
  const context = { ...options, pulse };
  const streaming = { exposeHeadRoute: false, onRequest: gates.open() };

  app.get<RequestRoute>('/requests/:id/events', streaming, async (request, reply) => {
    const { organizationId } = request.caller;
    const found = await intake.find(request.caller, request.params.id);
    const { after = 0, hasHeardEnd } = parseLastEventId(request);
    const query = { organizationId, requestId: found.id, after };
    // A browser reconnects when a stream has closed; 204 tells it not to.
    if (hasHeardEnd && isEnded(found.status) && !(await hasGoneOn(events, query))) return reply.code(204).send();
    new RequestStream(query, { sink: openSink(request, reply, clock), status: found.status, context });
    return reply;
  });

  app.get('/events', streaming, async (request, reply) => {
    const { organizationId } = request.caller;
    const after = parseLastEventId(request).after ?? (await events.last());
    void streamOrganization({ organizationId, after }, { ...context, sink: openSink(request, reply, clock) });
    return reply;
  });

  app.get<RequestRoute>('/requests/:id/logs', async ({ caller, params }): Promise<RequestLog> => {
    const { organizationId } = caller;
    const found = await intake.find(caller, params.id);
    const history = await readHistory(events, { organizationId, requestId: found.id, after: 0 });
    const isQueued = found.status === 'queued';
    return { logs: toLogLines(history, isQueued ? toWaitingLine(await placeOf(found), clock.now()) : undefined) };
  });
}

/** A stream that ends when its key is revoked. */
function openSink({ revoked }: FastifyRequest, reply: FastifyReply, clock: Clock): EventSink {
  const sink = new EventSink(reply, clock, openLastingAnswer);
  const end = () => sink.end();
  if (revoked?.aborted) end();
  revoked?.addEventListener('abort', end);
  return sink;
}

function parseLastEventId({ headers, query }: FastifyRequest) {
  const given = headers['last-event-id'] || parseInput(streamQuerySchema, query, '').last_event_id;
  const { last_event_id: id } = parseInput(streamQuerySchema, { last_event_id: given }, '');
  return { after: id === undefined ? undefined : Number.parseInt(id, 10), hasHeardEnd: id?.endsWith('-end') ?? false };
}

/** Has its status changed since? */
async function hasGoneOn(events: EventStore, query: Parameters<typeof readHistory>[1]): Promise<boolean> {
  return (await readHistory(events, query)).some(({ moment }) => toStatus(moment) !== undefined);
}
