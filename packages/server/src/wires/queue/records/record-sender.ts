import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { unauthorized } from '../../../http/auth.ts';
import { watchGone } from '../../../http/gone-signal.ts';
import { parseWait } from '../../../http/prefer.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import type { PictureLosses } from '../../../media/picture-losses.ts';
import { cutText, pieceSize } from '../../../platform/text-pieces.ts';
import { addQueue, isSentInPieces, toRecordChunks, toRecordJson } from './request-record.ts';

export interface RecordOptions {
  readonly intake: Pick<Intake, 'wait' | 'placeOf'>;
  readonly media: MediaStore;
  readonly losses: Pick<PictureLosses, 'among'>;
  /** Known only when the server listens on a port of the system's choice. */
  readonly publicUrl: () => string;
}

/** Records as they are sent. */
export interface RecordSender {
  /** The record's JSON: as one text, or in pieces when it holds pictures or is large. */
  toBody(request: ImageRequest): Promise<string | AsyncGenerator<string>>;
  send(reply: FastifyReply, request: ImageRequest): Promise<FastifyReply>;
  /**
   * When the call prefers to wait: the request at its end, or as it is when the time is over. `undefined` when it does not. The
   * wait also ends when the client goes away, or when its key is revoked: then a submit is only told that it was accepted, and
   * other calls are refused.
   */
  waitAsPreferred(request: FastifyRequest, reply: FastifyReply, requestId: string): Promise<ImageRequest | undefined>;
}

/** Caches the text of records that do not change: most calls are polls. */
export function createRecordSender({ intake, publicUrl, media, losses }: RecordOptions): RecordSender {
  const { wait, placeOf } = intake;
  // The store returns the same object for a request that has not changed, so its text is the same, too.
  const texts = new WeakMap<ImageRequest, string>();

  /** `undefined` when no picture is lost: then the text can be cached. */
  const findLost = async ({ outcome, updatedAt }: ImageRequest): Promise<ReadonlySet<string> | undefined> => {
    if (outcome?.kind !== 'success') return undefined;
    const lost = await losses.among(outcome.pictures, updatedAt);
    return lost.size > 0 ? lost : undefined;
  };

  const toBody: RecordSender['toBody'] = async (request) => {
    const lost = await findLost(request);
    if (isSentInPieces(request)) return toRecordChunks(request, { publicUrl: publicUrl(), media, placeOf, lost });
    if (lost) return toRecordJson(request, { publicUrl: publicUrl(), media, lost });
    const text = texts.get(request) ?? toRecordJson(request, { publicUrl: publicUrl(), media });
    texts.set(request, text);
    return request.status === 'queued' ? addQueue(text, await placeOf(request)) : text;
  };

  return {
    toBody,
    send: async (reply, request) => {
      const body = await toBody(request);
      const isSmall = typeof body === 'string' && body.length <= pieceSize;
      // A socket buffers everything that it was given, even when its reader reads nothing.
      const pieces = typeof body === 'string' ? cutText(body) : body;
      return reply.type('application/json; charset=utf-8').send(isSmall ? body : Readable.from(pieces));
    },
    waitAsPreferred: async ({ method, headers, caller, revoked }, reply, requestId) => {
      const seconds = parseWait(headers['prefer']);
      if (seconds === undefined) return undefined;
      reply.header('preference-applied', `wait=${seconds}`);
      using gone = watchGone(reply, revoked);
      const waited = await wait(caller, requestId, { timeoutMs: seconds * 1_000, signal: gone.signal });
      if (!revoked?.aborted) return waited;
      if (method === 'POST') return undefined;
      throw unauthorized('The API key was revoked.');
    },
  };
}
