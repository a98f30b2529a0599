import { groupDigits, type LimitName } from '@darkroom/protocol';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { type DefaultLimit, type OneLimit, toLimits, toSubject } from '../core/limits.ts';
import { organizationFactor } from '../core/organization.ts';
import { Problem } from '../core/problem.ts';
import type { Clock } from '../platform/clock.ts';
import { AmountLimiter } from './amount-limiter.ts';
import { RateLimiter } from './rate-limiter.ts';

export interface RateLimitOptions {
  /** Submits of keys without a limit of their own; `undefined`: they have no limit. */
  readonly requestsPerMinute: number | undefined;
  readonly clock: Clock;
}

/** Refuses a submit of a key or an organization that has used up its submits of the last 60 seconds. */
export function limitSubmits({ requestsPerMinute, clock }: RateLimitOptions): onRequestHookHandler {
  const limiter = new RateLimiter();
  return limitRate('requests_per_minute', {
    clock,
    defaults: { ofKey: requestsPerMinute },
    take: (who, given) => limiter.take(who, given),
    toWhat: ({ value }) => `may submit ${toTimes(value)}`,
  });
}

export interface UploadLimitOptions {
  /** Of keys without a limit of their own; their organizations may have `organizationFactor` times as many. */
  readonly uploadsPerMinute: number;
  readonly clock: Clock;
}

/** The same for addresses for uploads. */
export function limitUploads({ uploadsPerMinute: ofKey, clock }: UploadLimitOptions): onRequestHookHandler {
  const limiter = new RateLimiter();
  return limitRate('uploads_per_minute', {
    clock,
    defaults: { ofKey, ofOrganization: ofKey * organizationFactor },
    take: (who, given) => limiter.take(who, given),
    toWhat: ({ value }) => `may ask for an upload address ${toTimes(value)}`,
  });
}

/**
 * The same for the bytes of bodies, before anything of a body is read. A body whose length is not announced counts as the largest
 * that its route takes.
 */
export function limitBodies({ clock }: { readonly clock: Clock }): onRequestHookHandler {
  const limiter = new AmountLimiter();
  return limitRate('body_bytes_per_minute', {
    clock,
    take: (who, { request, ...given }) => limiter.take(who, { ...given, amount: toBodyBytes(request) }),
    toWhat: ({ value }) => `may send bodies of ${groupDigits(value)} bytes`,
  });
}

function toBodyBytes({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimit;
  return Number(headers['content-length'] ?? 0);
}

interface Rate {
  readonly clock: Clock;
  readonly defaults?: DefaultLimit;
  /** Counts the call: 0, or the milliseconds until it may come. `Infinity`: it never may. */
  take(who: string, given: { readonly limit: number; readonly now: number; readonly request: FastifyRequest }): number;
  /** What the limit allows, after `This API key`. */
  toWhat(limit: OneLimit): string;
}

function limitRate(name: LimitName, { clock, defaults, take, toWhat }: Rate): onRequestHookHandler {
  return (request, _reply, done) => {
    const { apiKeyId, organizationId, limits } = request.caller;
    for (const limit of toLimits(name, limits, defaults)) {
      const who = limit.of === 'key' ? `key ${apiKeyId}` : `organization ${organizationId}`;
      const waitMs = take(who, { limit: limit.value, now: clock.now(), request });
      if (waitMs > 0) return done(toProblem(name, limit, { what: toWhat(limit), waitMs }));
    }
    done();
  };
}

function toProblem(
  name: LimitName,
  one: OneLimit,
  { what, waitMs }: { readonly what: string; readonly waitMs: number },
): Problem {
  const sentence = `${toSubject(one)} ${what} in any 60 seconds`;
  const limit = { name, ...one };
  if (waitMs === Number.POSITIVE_INFINITY)
    return new Problem('body_too_large', `${sentence}, and this one may have more: send it in parts.`, { limit });
  const seconds = Math.ceil(waitMs / 1_000);
  return new Problem('rate_limited', `${sentence}; try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
    limit,
  });
}

function toTimes(limit: number): string {
  return limit === 1 ? 'once' : `${groupDigits(limit)} times`;
}
