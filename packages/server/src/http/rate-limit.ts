import { groupDigits } from '@darkroom/protocol';
import type { onRequestHookHandler } from 'fastify';
import { organizationFactor } from '../core/organization.ts';
import { Problem } from '../core/problem.ts';
import type { Clock } from '../platform/clock.ts';
import { RateLimiter } from './rate-limiter.ts';

export interface RateLimitOptions {
  /** For keys without a limit of their own; `undefined`: they have no limit. */
  readonly requestsPerMinute: number | undefined;
  readonly clock: Clock;
}

/** Refuses a submit of a key that has used up its submits of the last 60 seconds. */
export function limitSubmits({ requestsPerMinute, clock }: RateLimitOptions): onRequestHookHandler {
  const limiter = new RateLimiter();
  return ({ caller }, _reply, done) => {
    const limit = caller.requestsPerMinute ?? requestsPerMinute;
    const waitMs = limit === undefined ? 0 : limiter.take(caller.apiKeyId, { limit, now: clock.now() });
    done(limit === undefined || waitMs === 0 ? undefined : tooMany('This API key may submit', limit, waitMs));
  };
}

/** The same for addresses for uploads; here the organization has a limit, too. */
export function limitUploads({
  uploadsPerMinute: ofKey,
  clock,
}: {
  readonly uploadsPerMinute: number;
  readonly clock: Clock;
}): onRequestHookHandler {
  const keys = new RateLimiter();
  const organizations = new RateLimiter();
  const ofOrganization = ofKey * organizationFactor;
  return ({ caller }, _reply, done) => {
    const now = clock.now();
    const keyWaitMs = keys.take(caller.apiKeyId, { limit: ofKey, now });
    if (keyWaitMs > 0) return done(tooMany('This API key may ask for an upload address', ofKey, keyWaitMs));
    const waitMs = organizations.take(caller.organizationId, { limit: ofOrganization, now });
    done(waitMs > 0 ? tooMany('The organization may ask for an upload address', ofOrganization, waitMs) : undefined);
  };
}

function tooMany(what: string, limit: number, waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1_000);
  const times = limit === 1 ? 'once' : `${groupDigits(limit)} times`;
  return new Problem('rate_limited', `${what} ${times} in any 60 seconds; try again in ${seconds} s.`, {
    retryAfterSeconds: seconds,
  });
}
