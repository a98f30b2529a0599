import type { Logger } from '../platform/logger.ts';
import { type EndedRequest, type Observer, toEndCode, toPictures } from './observer.ts';

/** Writes one line for each request, at its end, by the process that has ended it. It has ids, numbers and codes, and no text of a caller. */
export function createRequestLog(logger: Logger): Partial<Observer> {
  return { requestEnded: (ended) => logger.info({ event: 'request.ended', ...toFacts(ended) }) };
}

function toFacts(ended: EndedRequest): Record<string, unknown> {
  const { request, status, costMicros, endedAt, startedAt } = ended;
  const { id, organizationId, model, wire, attempt, queuedAt } = request;
  return {
    request_id: id,
    organization: organizationId,
    model,
    wire,
    status,
    code: toEndCode(ended),
    waited_ms: startedAt === undefined ? undefined : Math.max(0, startedAt - queuedAt),
    made_ms: startedAt === undefined ? undefined : Math.max(0, endedAt - startedAt),
    total_ms: Math.max(0, endedAt - queuedAt),
    attempts: attempt,
    pictures: toPictures(ended).length,
    cost_dollars: costMicros / 1e6,
  };
}
