import type { FastifyInstance } from 'fastify';
import { dropBodies } from '../../../http/drop-bodies.ts';
import type { RequestStore } from '../../../store/request-store.ts';
import type { WirePorts } from '../../wire.ts';
import type { ReadPrediction } from '../prediction-reader.ts';

export type PredictionRoutesOptions = Pick<WirePorts, 'intake' | 'publicUrl'> & {
  readonly store: Pick<RequestStore, 'list'>;
  readonly readPrediction: ReadPrediction;
};

interface OneRoute {
  Params: { id: string };
}

interface ListRoute {
  Querystring: { cursor?: string | readonly string[] };
}

const pageSize = 100;

/** Predictions are requests, whichever wire they came by: they are read, listed and cancelled. */
export function registerPredictionRoutes(app: FastifyInstance, options: PredictionRoutesOptions): void {
  const { intake, store, publicUrl, readPrediction } = options;

  app.get<OneRoute>('/predictions/:id', async ({ caller, params }) =>
    readPrediction(await intake.find(caller, params.id)),
  );

  app.get<ListRoute>('/predictions', async ({ caller: { organizationId }, query: { cursor } }) => {
    const page = await store.list({
      organizationId,
      limit: pageSize,
      ...(cursor !== undefined && { cursor: String(cursor) }),
    });
    const next = page.nextCursor;
    return {
      previous: null,
      next: next === undefined ? null : `${publicUrl()}/v1/predictions?cursor=${encodeURIComponent(next)}`,
      results: await Promise.all(page.requests.map(readPrediction)),
    };
  });

  app.register(async (scope) => {
    dropBodies(scope);
    scope.post<OneRoute>('/predictions/:id/cancel', async ({ caller, params }) =>
      readPrediction(await intake.cancel(caller, params.id)),
    );
  });
}
