import type { ImageRequest } from '../core/image-request.ts';
import { toLane } from '../core/service-tiers.ts';
import type { Room } from '../core/upstream-pool.ts';
import { serves, type Upstream } from '../core/upstreams.ts';
import { toWaiting, type Waiting } from '../core/waiting.ts';
import type { EventHub } from '../events/event-hub.ts';
import { type ModelRegistry, toUpstreamLanes } from '../models/registry.ts';
import type { Clock } from '../platform/clock.ts';
import type { EventStore } from '../store/event-store.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';

export interface QueueOptions {
  readonly upstreams: UpstreamStore;
  readonly events: Pick<EventStore, 'position'>;
  readonly hub: Pick<EventHub, 'speed'>;
  readonly pool: readonly Upstream[];
  readonly models: ModelRegistry;
  readonly clock: Clock;
}

/** The position of a queued request, and why it is not being processed. */
export interface Place extends Waiting {
  /** How many are served before it; `undefined` when it is not due. */
  readonly position: number | undefined;
  /** By the measured speed; `undefined` when nothing was measured, or when an operator has to act first. */
  readonly estimatedStartAt: number | undefined;
}

export type PlaceOf = (request: ImageRequest) => Promise<Place>;

/** How long an answer of the upstreams is good enough for polls. */
const maxAgeMs = 100;

/**
 * Reports the positions of queued requests, and why they wait. The upstreams are queried at most ten times a second, however many
 * polls come: an answer sums up the calls of ten minutes, which takes some milliseconds when there were thousands.
 */
export function createQueueReader({ upstreams, events, hub, pool, models, clock }: QueueOptions): PlaceOf {
  const upstreamIds = toUpstreamLanes(models);
  const askRooms = async (now: number): Promise<ReadonlyMap<string, readonly Room[]>> => {
    const reports = await upstreams.report({ upstreams: pool, models: upstreamIds, now });
    const toRooms = (id: string, upstreamId: string) => {
      const serving = new Set(pool.flatMap((one) => (serves(one, id) ? one.name : [])));
      const own = reports.filter(({ upstream, model }) => model === upstreamId && serving.has(upstream));
      return own.map(({ room }) => room);
    };
    return new Map([...upstreamIds].map(([id, upstreamId]) => [id, toRooms(id, upstreamId)]));
  };

  let known: { readonly askedAt: number; readonly rooms: ReturnType<typeof askRooms> } | undefined;
  const findRooms = async (now: number): ReturnType<typeof askRooms> => {
    // A time in the future is from before the clock was set back.
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

  return async (request) => {
    const now = clock.now();
    const rooms = toRoomsOf(request, { rooms: await findRooms(now), models });
    const waiting = toWaiting(request, { rooms, now });
    const position = await events.position(request.organizationId, request.id);
    // A batch job is begun when it is full or old enough, however fast others are.
    const isMeasured = position !== undefined && request.tier !== 'batch';
    const waitMs = isMeasured ? hub.speed.toWaitMs(position + 1) : undefined;
    const isNext = waiting.reason === 'turn' && position === 0 && request.tier !== 'batch';
    return {
      ...waiting,
      ...(isNext && { message: 'It is next in line.' }),
      position,
      estimatedStartAt: estimateStart(request, { waiting, waitMs, now }),
    };
  };
}

/** While its own model rests, a request waits for those that may be called instead, too. */
function toRoomsOf(
  { model, tier, allowsStandIn }: ImageRequest,
  { rooms, models }: { readonly rooms: ReadonlyMap<string, readonly Room[]>; readonly models: ModelRegistry },
): readonly Room[] {
  const own = rooms.get(toLane(model, tier)) ?? [];
  const isResting = own.every((room) => room.kind === 'closed' && room.reason === 'upstream');
  const named = (isResting && allowsStandIn && models.find(model)?.fallback) || [];
  const others = named.filter(({ when }) => when.includes('resting')).map((other) => toLane(other.model, tier));
  return [...own, ...others.flatMap((lane) => rooms.get(lane) ?? [])];
}

interface Outlook {
  readonly waiting: Waiting;
  /** How long the requests before it take. */
  readonly waitMs: number | undefined;
  readonly now: number;
}

function estimateStart({ availableAt }: ImageRequest, { waiting, waitMs, now }: Outlook): number | undefined {
  if (waiting.reason === 'operator') return undefined;
  const opensAt = Math.max(now, waiting.until ?? now, availableAt);
  // A request that is not due has no position; once it is due, it comes soon.
  if (availableAt > now) return opensAt;
  return waitMs === undefined ? undefined : opensAt + waitMs;
}
