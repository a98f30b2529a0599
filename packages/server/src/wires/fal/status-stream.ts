import type { ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import type { EventSink } from '../../http/event-sink.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';

export interface StatusStreamOptions {
  readonly sink: EventSink;
  /** Aborts when nobody may listen any more. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The JSON of a status. */
  readonly toText: (request: ImageRequest) => Promise<string>;
  /** The request at its end, or after this time; sooner when the service stops. */
  readonly next: (timeoutMs: number) => Promise<ImageRequest>;
}

const lookEveryMs = 1_000;
/** fal's client closes a stream that is silent for 15 seconds. */
const silentMs = 10_000;

/** Sends the status whenever it has changed, and again before the client takes the stream for dead. Ends with the request. */
export async function streamStatus(first: ImageRequest, options: StatusStreamOptions): Promise<void> {
  const { sink, signal, clock, logger, toText, next } = options;
  let request = first;
  let told: string | undefined;
  let toldAt = 0;
  try {
    while (!signal.aborted) {
      const text = await toText(request);
      if (text !== told || clock.now() - toldAt >= silentMs) {
        await sink.write(`data: ${text}\n\n`);
        told = text;
        toldAt = clock.now();
      }
      if (isEnded(request.status)) return sink.end();
      const lookedAt = clock.now();
      request = await next(lookEveryMs);
      const isStopping = !isEnded(request.status) && clock.now() - lookedAt < lookEveryMs / 2;
      if (isStopping) break;
    }
    // The client must not take the last status for the end.
    sink.cutOff();
  } catch (error) {
    // An answer that has begun can only be cut off.
    logger.error({ event: 'stream.broken', request_id: request.id, err: error });
    sink.cutOff();
  }
}
