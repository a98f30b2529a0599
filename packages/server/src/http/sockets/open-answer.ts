import type { OutgoingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { stalledAfterMs } from '../stalled-calls.ts';
import type { AnswerBody, BareAnswer } from './bare-answer.ts';
import { Doorway } from './doorway.ts';

const doorways = new WeakMap<object, Doorway>();
const left = new WeakMap<ServerResponse, BareAnswer>();

/** Lets answers of the server leave it. Call it before the server has connections. */
export function openDoorway(server: Server, stalledMs = stalledAfterMs): void {
  doorways.set(server, new Doorway(server, stalledMs));
}

/** Takes the answer from Fastify and sends its head. */
export function openAnswer(reply: FastifyReply, headers: OutgoingHttpHeaders): AnswerBody {
  const { raw } = reply;
  const before = reply.getHeaders() as OutgoingHttpHeaders; // Fastify's own type also allows headers that only requests have
  reply.hijack();
  raw.writeHead(200, { ...before, ...headers });
  // At once: a client or a proxy may not wait for the first event.
  raw.flushHeaders();
  return raw;
}

/**
 * The same, and where it can, the answer leaves Node's HTTP server, too: for calls whose handler ends while their answer is open, and which
 * listen to `onAnswerOver` instead of the `close` of the response.
 */
export function openLastingAnswer(reply: FastifyReply, headers: OutgoingHttpHeaders): AnswerBody {
  const { raw, server } = reply;
  openAnswer(reply, headers);
  const bare = doorways.get(server.server)?.leaveServer(raw);
  if (!bare) return raw;
  left.set(raw, bare);
  return bare;
}

/**
 * Calls the listener when nothing more of the answer will be sent: it has ended, or its client has gone. When the answer leaves the server
 * before, `onLeave` is called, so that nothing holds the call any longer.
 */
export function onAnswerOver(raw: ServerResponse, listener: () => void, onLeave?: () => void): void {
  raw.once('close', () => {
    const bare = left.get(raw);
    if (!bare) return listener();
    onLeave?.();
    if (bare.destroyed) listener();
    else bare.once('close', listener);
  });
}

/** The answer of a call that has left the server. */
export function findLeft(raw: ServerResponse): BareAnswer | undefined {
  return left.get(raw);
}
