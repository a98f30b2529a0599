import type { UpstreamRecord } from '@darkroom/protocol';
import { toDollars } from '../../core/pricing.ts';
import type { Upstream, UpstreamLimits } from '../../core/upstreams.ts';
import { toLaterSeconds } from '../../platform/unix-time.ts';
import type { UpstreamReport } from '../../store/upstream-store.ts';

export function toUpstreamRecord(report: UpstreamReport, { limits }: Upstream): UpstreamRecord {
  const { upstream, model, room, state, load } = report;
  const closed = room.kind === 'closed' ? room : undefined;
  return {
    upstream,
    model,
    is_open: room.kind === 'open',
    is_probed: room.kind === 'open' && room.isProbe,
    reason: closed?.reason ?? null,
    message: closed?.message ?? null,
    until: closed?.until === undefined ? null : toLaterSeconds(closed.until),
    under_way: load.underWay,
    last_minute: load.lastMinute,
    last_minute_images: load.lastMinuteImages,
    last_ten_minutes_usd: toDollars(load.lastTenMinutesMicros),
    concurrency: toConcurrency(state.concurrency, limits.concurrency),
    limits: toLimits(limits),
  };
}

function toConcurrency(borne = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY): number | null {
  const least = Math.min(borne, limit);
  return Number.isFinite(least) ? Math.floor(least) : null;
}

function toLimits(limits: UpstreamLimits): UpstreamRecord['limits'] {
  const { concurrency, requestsPerMinute, imagesPerMinute, requestsPerDay, microsPerTenMinutes } = limits;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(requestsPerMinute !== undefined && { requests_per_minute: requestsPerMinute }),
    ...(imagesPerMinute !== undefined && { images_per_minute: imagesPerMinute }),
    ...(requestsPerDay !== undefined && { requests_per_day: requestsPerDay }),
    ...(microsPerTenMinutes !== undefined && { usd_per_ten_minutes: toDollars(microsPerTenMinutes) }),
  };
}
