import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../core/image-request.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { PictureLosses } from '../media/picture-losses.ts';
import { createGoneSignal } from './gone-signal.ts';
import { parseWait } from './prefer.ts';
import { addQueue, toRecordChunks, toRecordJson, type WireContext } from './wire.ts';

export interface RecordOptions extends Pick<WireContext, 'media' | 'placeOf'> {
  readonly hub: Pick<EventHub, 'waitForEnd'>;
  readonly losses: PictureLosses;
  /** Known only when the server listens on a port of the system's choice. */
  readonly publicUrl: () => string;
}

/** Records as they are sent. */
export interface RecordSender {
  /** The record's JSON: whole, or in pieces when pictures stand in it. */
  toBody(request: ImageRequest): Promise<string | AsyncGenerator<string>>;
  send(reply: FastifyReply, request: ImageRequest): Promise<FastifyReply>;
  /**
   * When the call prefers to wait: the request at its end, or as it is when the time is over; `undefined` when it does not.
   * A client that goes away does not wait any more.
   */
  waitAsPreferred(request: FastifyRequest, reply: FastifyReply, requestId: string): Promise<ImageRequest | undefined>;
}

/** As fast as a poll wants them. */
export function createRecordSender({ hub, publicUrl, media, losses, placeOf }: RecordOptions): RecordSender {
  // Reads of a request that has not changed get the same object from the store, and the same text from here.
  const texts = new WeakMap<ImageRequest, string>();

  /** Only when there are some: the text of the others is remembered. */
  const findLost = async ({ outcome, updatedAt }: ImageRequest): Promise<ReadonlySet<string> | undefined> => {
    if (outcome?.kind !== 'success') return undefined;
    const lost = await losses.among(outcome.pictures, updatedAt);
    return lost.size > 0 ? lost : undefined;
  };

  const toBody: RecordSender['toBody'] = async (request) => {
    const lost = await findLost(request);
    if (request.inline.length > 0) return toRecordChunks(request, { publicUrl: publicUrl(), media, placeOf, lost });
    if (lost) return toRecordJson(request, { publicUrl: publicUrl(), media, lost });
    const text = texts.get(request) ?? toRecordJson(request, { publicUrl: publicUrl(), media });
    texts.set(request, text);
    return request.status === 'queued' ? addQueue(text, await placeOf(request)) : text;
  };

  return {
    toBody,
    send: async (reply, request) => {
      const body = await toBody(request);
      const sent = typeof body === 'string' ? body : Readable.from(body);
      return reply.type('application/json; charset=utf-8').send(sent);
    },
    waitAsPreferred: async ({ headers, caller }, reply, requestId) => {
      const seconds = parseWait(headers['prefer']);
      if (seconds === undefined) return undefined;
      reply.header('preference-applied', `wait=${seconds}`);
      const wait = { timeoutMs: seconds * 1_000, signal: createGoneSignal(reply) };
      return hub.waitForEnd(caller.organizationId, requestId, wait);
    },
  };
}
