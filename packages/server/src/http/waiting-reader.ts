import { listModels } from '../core/catalogue.ts';
import type { ImageRequest } from '../core/image-request.ts';
import type { Room } from '../core/upstream-pool.ts';
import type { Upstream } from '../core/upstreams.ts';
import { toWaiting, type Waiting } from '../core/waiting.ts';
import type { Clock } from '../platform/clock.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';

export interface WaitingOptions {
  readonly upstreams: UpstreamStore;
  readonly pool: readonly Upstream[];
  readonly clock: Clock;
}

/** The upstream's ids of all models. */
export const upstreamModels: readonly string[] = [...new Set(listModels().map(({ upstreamId }) => upstreamId))];

const upstreamIds = new Map(listModels().map(({ id, upstreamId }) => [id, upstreamId]));

/** Milliseconds for which an answer of the upstreams is good enough for polls. */
const maxAgeMs = 100;

/**
 * Tells why queued requests wait. The upstreams are asked ten times a second at most, however many polls come: an answer
 * sums up the calls of ten minutes, which takes some milliseconds when those were thousands.
 */
export function createWaitingReader({ upstreams, pool, clock }: WaitingOptions) {
  const askRooms = async (now: number): Promise<ReadonlyMap<string, readonly Room[]>> => {
    const reports = await upstreams.report({ upstreams: pool, models: upstreamModels, now });
    const byModel = Map.groupBy(reports, ({ model }) => model);
    return new Map([...byModel].map(([model, same]) => [model, same.map(({ room }) => room)]));
  };

  let known: { readonly askedAt: number; readonly rooms: ReturnType<typeof askRooms> } | undefined;
  const findRooms = async (now: number): ReturnType<typeof askRooms> => {
    // A time to come is from before the clock was set back.
    if (!known || now < known.askedAt || now - known.askedAt >= maxAgeMs)
      known = { askedAt: now, rooms: askRooms(now) };
    const { rooms } = known;
    try {
      return await rooms;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };

  return async (request: ImageRequest): Promise<Waiting> => {
    const now = clock.now();
    const rooms = (await findRooms(now)).get(upstreamIds.get(request.model) ?? '') ?? [];
    return toWaiting(request, { rooms, now });
  };
}
