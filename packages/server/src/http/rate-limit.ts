import type { onRequestHookHandler } from 'fastify';
import type { Clock } from '../platform/clock.ts';
import { Problem } from './problem.ts';
import { RateLimiter } from './rate-limiter.ts';

export interface RateLimitOptions {
  /** For keys that have no limit of their own; `undefined`: those have none at all. */
  readonly requestsPerMinute: number | undefined;
  readonly clock: Clock;
}

/** Refuses a call of a key that has made as many in the last 60 seconds as it may. */
export function limitRate({ requestsPerMinute, clock }: RateLimitOptions): onRequestHookHandler {
  const limiter = new RateLimiter();
  return ({ caller }, _reply, done) => {
    const limit = caller.requestsPerMinute ?? requestsPerMinute;
    const waitMs = limit === undefined ? 0 : limiter.take(caller.apiKeyId, { limit, now: clock.now() });
    done(limit === undefined || waitMs === 0 ? undefined : tooMany(limit, Math.ceil(waitMs / 1_000)));
  };
}

function tooMany(limit: number, seconds: number): Problem {
  const times = limit === 1 ? 'once' : `${limit.toLocaleString('en-US')} times`;
  return new Problem(
    'rate_limited',
    `This API key may submit ${times} in any 60 seconds; the next submit can come in ${seconds} s.`,
    { headers: { 'retry-after': String(seconds) } },
  );
}
