import type { Throughput } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { type EndedMinute, minuteMs, toMinute } from '../../core/ended-minutes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EventStore } from '../../store/event-store.ts';

export interface ThroughputRouteOptions {
  readonly events: EventStore;
  readonly clock: Clock;
}

const minuteCount = 60;

/** `GET …/throughput`: how many requests of all organizations ended in each of the last minutes. */
export function registerThroughputRoute(app: FastifyInstance, { events, clock }: ThroughputRouteOptions): void {
  app.get('/throughput', async (): Promise<Throughput> => {
    const first = toMinute(clock.now()) - (minuteCount - 1) * minuteMs;
    const ended = new Map((await events.endedMinutes(first)).map((minute) => [minute.at, minute]));
    const times = Array.from({ length: minuteCount }, (_, index) => first + index * minuteMs);
    return { minutes: times.map((at) => toRecord(ended.get(at) ?? { at, success: 0, failed: 0, cancelled: 0 })) };
  });
}

function toRecord({ at, success, failed, cancelled }: EndedMinute): Throughput['minutes'][number] {
  return { at: at / 1_000, success, failed, cancelled };
}
