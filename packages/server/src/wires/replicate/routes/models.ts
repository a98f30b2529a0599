import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../core/problem.ts';
import type { WirePorts } from '../../wire.ts';
import { findNamed, toVersionId } from '../model-names.ts';
import { toModelRecord, toVersionRecord } from '../model-record.ts';

interface ModelRoute {
  Params: { owner: string; name: string };
}

interface VersionRoute {
  Params: { owner: string; name: string; version: string };
}

/** A model and its only version. `GET /models` belongs to another wire. */
export function registerModelRoutes(
  app: FastifyInstance,
  { models, publicUrl }: Pick<WirePorts, 'models' | 'publicUrl'>,
) {
  const find = ({ owner, name }: ModelRoute['Params']) => findNamed(`${owner}/${name}`, models);

  app.get<ModelRoute>('/models/:owner/:name', async ({ params }) => toModelRecord(find(params), publicUrl()));

  app.get<ModelRoute>('/models/:owner/:name/versions', async ({ params }) => ({
    previous: null,
    next: null,
    results: [toVersionRecord(find(params))],
  }));

  app.get<VersionRoute>('/models/:owner/:name/versions/:version', async ({ params }) => {
    const named = find(params);
    if (params.version === toVersionId(named.name)) return toVersionRecord(named);
    throw new Problem('not_found', `The only version of ${named.name} here is ${toVersionId(named.name)}.`);
  });
}
