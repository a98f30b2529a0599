import type { ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import type { EventSink } from '../../http/event-sink.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/logger.ts';

export interface StatusStreamOptions {
  readonly sink: EventSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The JSON of a status. */
  readonly toText: (request: ImageRequest) => Promise<string>;
  /** The request at its end, or after this time. */
  readonly next: (timeoutMs: number) => Promise<ImageRequest>;
  /** Aborts when nobody may listen any more. */
  readonly signal: AbortSignal;
}

const lookEveryMs = 1_000;
/** fal's client closes a stream that is silent for 15 seconds. */
const silentMs = 10_000;

/** Sends the status whenever it has changed, and again before the client takes the stream for dead. Ends with the request. */
export async function streamStatus(first: ImageRequest, options: StatusStreamOptions): Promise<void> {
  const { sink, clock, logger, toText, next, signal } = options;
  let request = first;
  let told: string | undefined;
  let toldAt = 0;
  try {
    for (;;) {
      const text = await toText(request);
      if (text !== told || clock.now() - toldAt >= silentMs) {
        await sink.write(`data: ${text}\n\n`);
        told = text;
        toldAt = clock.now();
      }
      if (isEnded(request.status) || signal.aborted) break;
      request = await next(lookEveryMs);
      // The service is stopping, or the hub would have waited.
      if (signal.aborted) break;
    }
    sink.end();
  } catch (error) {
    // An answer that has begun can only be cut off.
    logger.error({ event: 'stream.broken', request_id: request.id, err: error });
    sink.cutOff();
  }
}
