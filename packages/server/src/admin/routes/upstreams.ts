import type { UpstreamList } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../core/problem.ts';
import { fromLane } from '../../core/service-tiers.ts';
import { every, type Upstream, type UpstreamKey } from '../../core/upstreams.ts';
import { toBy } from '../../http/auth.ts';
import { dropBodies } from '../../http/drop-bodies.ts';
import { type ModelRegistry, toUpstreamLanes } from '../../models/registry.ts';
import type { Clock } from '../../platform/clock.ts';
import type { UpstreamReport, UpstreamStore } from '../../store/upstream-store.ts';
import { toUpstreamRecord } from '../records/upstreams.ts';

export interface UpstreamRoutesOptions {
  readonly upstreams: UpstreamStore;
  readonly pool: readonly Upstream[];
  readonly models: ModelRegistry;
  readonly clock: Clock;
}

interface PauseRoute {
  Params: { name: string };
}

/**
 * The state of the upstreams, and the operator's way to pause them. Each pause and resume answers with the reports that it
 * affects.
 */
export function registerUpstreamRoutes(app: FastifyInstance, options: UpstreamRoutesOptions): void {
  const { upstreams, pool, models, clock } = options;
  const upstreamLanes = toUpstreamLanes(models);
  const report = async (isMeant: (report: UpstreamReport) => boolean = () => true): Promise<UpstreamList> => {
    const reports = await upstreams.report({ upstreams: pool, models: upstreamLanes, now: clock.now() });
    return {
      upstreams: reports
        .filter(isWorthwhile)
        .filter(isMeant)
        .flatMap((one) => toRecord(one, pool)),
    };
  };

  app.get('/upstreams', () => report());

  app.register(async (scope) => {
    dropBodies(scope);
    for (const { path, toTarget } of pausables) {
      scope.post<PauseRoute>(`${path}/:name/pause`, async ({ caller, params }) => {
        const { key, isMeant } = toTarget(params.name, options);
        await upstreams.hold(key, clock.now(), toBy(caller, clock));
        return report(isMeant);
      });

      scope.post<PauseRoute>(`${path}/:name/resume`, async ({ caller, params }) => {
        const { key, isMeant } = toTarget(params.name, options);
        await upstreams.release(key, toBy(caller, clock));
        // What the upstream has asked for is forgotten too: the operator knows that it is over.
        for (const pair of toPairs(pool, upstreamLanes).filter(isMeant)) await upstreams.release(pair);
        return report(isMeant);
      });
    }
  });
}

/** The lane of a tier is shown while it does something or rests; most operators never see one. */
function isWorthwhile({ model, state, load }: UpstreamReport): boolean {
  const isResting = state.pause !== undefined || state.strain !== undefined || state.concurrency !== undefined;
  return fromLane(model).tier === 'standard' || isResting || load.underWay > 0 || load.lastMinute > 0;
}

interface Target {
  readonly key: UpstreamKey;
  readonly isMeant: (pair: UpstreamKey) => boolean;
}

const pausables: readonly {
  readonly path: string;
  readonly toTarget: (name: string, options: UpstreamRoutesOptions) => Target;
}[] = [
  { path: '/upstreams', toTarget: toUpstreamTarget },
  { path: '/models', toTarget: toModelTarget },
];

function toUpstreamTarget(name: string, { pool }: UpstreamRoutesOptions): Target {
  if (pool.every((upstream) => upstream.name !== name)) {
    const known = pool.map((upstream) => upstream.name).join(', ');
    throw new Problem('not_found', `There is no upstream with this name. The upstreams are: ${known}.`);
  }
  return { key: { upstream: name, model: every }, isMeant: ({ upstream }) => upstream === name };
}

/** Means all public models that are the same model at the upstream. */
function toModelTarget(id: string, { models }: UpstreamRoutesOptions): Target {
  const upstreamId = models.find(id)?.upstreamId;
  if (upstreamId === undefined) {
    const known = models.list().map((model) => model.id);
    throw new Problem('model_not_found', `There is no model with this id. The models are: ${known.join(', ')}.`);
  }
  return { key: { upstream: every, model: upstreamId }, isMeant: ({ model }) => fromLane(model).model === upstreamId };
}

function toPairs(pool: readonly Upstream[], upstreamLanes: ReadonlyMap<string, string>): readonly UpstreamKey[] {
  const ids = [...new Set(upstreamLanes.values())];
  return pool.flatMap(({ name }) => ids.map((model) => ({ upstream: name, model })));
}

function toRecord(report: UpstreamReport, pool: readonly Upstream[]): UpstreamList['upstreams'] {
  const upstream = pool.find(({ name }) => name === report.upstream);
  return upstream ? [toUpstreamRecord(report, upstream)] : [];
}
