import { toStatus } from '../../core/request-events.ts';
import { ReaderTooSlowError } from '../../events/event-reader.ts';
import type { EventSink } from '../../http/event-sink.ts';
import { toEventText, toStreamHead } from './records/events.ts';
import { lifeMs, type StreamContext } from './request-stream.ts';

/** Sends every change of status of the organization's requests. */
export async function streamOrganization(
  query: { readonly organizationId: string; readonly after: number },
  { hub, pulse, clock, logger, sink }: StreamContext & { readonly sink: EventSink },
): Promise<void> {
  const closeAt = clock.now() + lifeMs;
  const leave = pulse.join(({ now }) => {
    // Also when its time is over: what is being written is not cut.
    if (sink.isBusy) return;
    if (now >= closeAt) sink.end();
    else sink.beat(now);
  });
  try {
    await sink.write(toStreamHead(query.after));
    for await (const event of hub.followOrganization(query, sink.signal))
      if (toStatus(event.moment) !== undefined) await sink.write(toEventText(event));
    sink.end();
  } catch (error) {
    // An answer that has begun can only be cut off.
    if (!(error instanceof ReaderTooSlowError)) logger.error({ event: 'stream.broken', err: error });
    sink.cutOff();
  } finally {
    leave();
  }
}
