import type { ImageRequest } from '../../core/image-request.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { WirePorts } from '../wire.ts';
import { type StatusFacts, toQueueStatus, toStatus } from './records.ts';

export type StatusReaderOptions = Pick<WirePorts, 'intake' | 'publicUrl'> & {
  readonly store: Pick<RequestStore, 'attempts'>;
};

/** Describes a request as its status does: with its position while it is queued, and with its upstream calls afterwards. */
export type ReadStatus = (
  request: ImageRequest,
  facts: Pick<StatusFacts, 'app' | 'withLogs'>,
) => Promise<ReturnType<typeof toStatus>>;

export function createStatusReader({ intake, store, publicUrl }: StatusReaderOptions): ReadStatus {
  return async (request, facts) => {
    const isQueued = toQueueStatus(request) === 'IN_QUEUE';
    const position = isQueued ? (await intake.placeOf(request)).position : undefined;
    const attempts = isQueued ? [] : await store.attempts(request.organizationId, request.id);
    return toStatus(request, { ...facts, position, attempts, publicUrl: publicUrl() });
  };
}
