import type { ImageRequest } from '../../core/image-request.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { WirePorts } from '../wire.ts';
import { toPrediction } from './prediction.ts';

export type PredictionReaderOptions = Pick<WirePorts, 'media' | 'publicUrl'> & {
  readonly store: Pick<RequestStore, 'attempts'>;
};

/** A request as a prediction, with the times of its upstream calls. */
export type ReadPrediction = (request: ImageRequest) => Promise<ReturnType<typeof toPrediction>>;

export function createPredictionReader({ store, media, publicUrl }: PredictionReaderOptions): ReadPrediction {
  return async (request) => {
    const attempts = request.attempt > 0 ? await store.attempts(request.organizationId, request.id) : [];
    return toPrediction(request, { media, publicUrl: publicUrl(), attempts });
  };
}
