import { describe, expect, it } from 'vitest';
import type { WebhookDelivery, WebhookEndpoint } from '../../core/webhooks.ts';
import { toTryEnd } from './after-try.ts';
import type { Posted } from './post-message.ts';

const now = 1_761_763_441_000;
const hour = 3_600_000;

const delivery: WebhookDelivery = {
  id: 'msg_1',
  organizationId: 'default',
  requestId: 'request',
  endpointId: 'we_1',
  url: 'https://receiver.example',
  event: 'request.success',
  seq: 7,
  status: 'pending',
  tries: 0,
  createdAt: now,
  nextAt: now,
  lastTry: undefined,
};

const endpoint: WebhookEndpoint = {
  id: 'we_1',
  organizationId: 'default',
  url: 'https://receiver.example',
  events: ['request.success'],
  createdAt: 0,
  secretVersion: 1,
  oldSecretUntil: undefined,
  failures: 0,
  failingSince: undefined,
  pausedAt: undefined,
  pauseReason: undefined,
};

const answered = (httpStatus: number): Posted => ({ kind: 'answered', httpStatus, answer: 'hm' });

interface Case {
  readonly posted?: Posted;
  readonly chance?: number;
  readonly delivery?: Partial<WebhookDelivery>;
  readonly endpoint?: Partial<WebhookEndpoint> | 'none';
}

function end({ posted = answered(500), chance = 1, ...more }: Case) {
  const own = more.endpoint === 'none';
  return toTryEnd({
    delivery: { ...delivery, ...more.delivery, ...(own && { endpointId: undefined }) },
    endpoint: own ? undefined : { ...endpoint, ...(more.endpoint !== 'none' && more.endpoint) },
    posted,
    now,
    chance: () => chance,
  });
}

describe('after a try', () => {
  it.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
    expect(end({ posted: answered(status) })).toEqual({
      kind: 'delivered',
      tried: { at: now, httpStatus: status, answer: 'hm' },
    });
  });

  it.each([301, 302, 303, 307, 308, 304])('%i is a failure that says so', (status) => {
    expect(end({ posted: answered(status) })).toMatchObject({
      kind: 'retry',
      tried: { failure: expect.stringMatching(/a redirect, which is not followed/) },
    });
  });

  it('the next one comes later and later: after up to 5 seconds, then doubling, up to 6 hours', () => {
    const waits = [0, 1, 2, 10, 20, 200].map((tries) => {
      const tried = end({ delivery: { tries } });
      return tried.kind === 'retry' ? tried.nextAt - now : undefined;
    });
    expect(waits).toEqual([5_000, 10_000, 20_000, 5_120_000, 6 * hour, 6 * hour]);
    expect(end({ chance: 0 })).toMatchObject({ kind: 'retry', nextAt: now });
  });

  it('none follows 72 hours after the event', () => {
    const posted: Posted = { kind: 'unanswered', reason: 'its host name does not exist' };
    expect(end({ posted, delivery: { createdAt: now - 71 * hour } }).kind).toBe('retry');
    expect(end({ posted, delivery: { createdAt: now - 71 * hour, tries: 30 } })).toEqual({
      kind: 'failed',
      tried: { at: now, failure: 'The webhook could not be delivered: its host name does not exist.' },
    });
  });

  it('410 pauses an endpoint at once, and its deliveries wait', () => {
    expect(end({ posted: answered(410) })).toMatchObject({
      kind: 'retry',
      pause: { at: now, reason: 'The receiver answered 410: it does not want any more webhooks.' },
    });
    expect(end({ posted: answered(410), endpoint: 'none' }).kind).toBe('failed');
  });

  it('an endpoint that accepted none of 20 in a row over a day is paused, with the reason', () => {
    const day = { failures: 19, failingSince: now - 24 * hour };
    expect(end({ endpoint: day }).pause).toEqual({
      at: now,
      reason: 'It has accepted nothing since 2025-10-28T18:44:01.000Z. The receiver answered 500.',
    });
    expect(end({ endpoint: { ...day, failures: 18 } }).pause).toBeUndefined();
    expect(end({ endpoint: { ...day, failingSince: now - 23 * hour } }).pause).toBeUndefined();
    expect(end({ endpoint: day, posted: answered(200) }).pause).toBeUndefined();
  });
});
