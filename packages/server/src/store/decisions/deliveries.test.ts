import { describe, expect, it } from 'vitest';
import type { WebhookEndpoint } from '../../core/webhooks.ts';
import { toCalledBack, toChangedEndpoint, toTried } from './deliveries.ts';

const tried = { at: 5, httpStatus: 503 };
const endpoint: WebhookEndpoint = {
  id: 'endpoint-1',
  organizationId: 'org-a',
  url: 'https://a.example/hook',
  events: ['request.success'],
  createdAt: 1,
  secretVersion: 1,
  oldSecretUntil: undefined,
  failures: 20,
  failingSince: 2,
  pausedAt: 3,
  pauseReason: 'It kept failing.',
};

describe('a try', () => {
  it('delivers, gives up, or is followed by another', () => {
    expect(toTried({ kind: 'delivered', tried })).toEqual({ status: 'delivered', nextAt: undefined, isFinal: true });
    expect(toTried({ kind: 'failed', tried })).toEqual({ status: 'failed', nextAt: undefined, isFinal: false });
    expect(toTried({ kind: 'retry', tried, nextAt: 9 })).toEqual({ status: 'pending', nextAt: 9, isFinal: false });
  });

  it('is recorded when it ends the delivery', () => {
    const told = { kind: 'called-back', url: endpoint.url, isDelivered: false, httpStatus: 503 };
    expect(toCalledBack(endpoint.url, { kind: 'failed', tried })).toEqual(told);
    expect(toCalledBack(endpoint.url, { kind: 'delivered', tried: { at: 5 } })).not.toHaveProperty('httpStatus');
    expect(toCalledBack(endpoint.url, { kind: 'retry', tried, nextAt: 9 })).toBeUndefined();
  });
});

describe('an endpoint', () => {
  it('that is resumed starts over, and its deliveries have been due since its pause', () => {
    const { endpoint: after, resumedFrom } = toChangedEndpoint(endpoint, { pausedAt: undefined });
    expect(resumedFrom).toBe(3);
    expect(after).toMatchObject({ failures: 0, failingSince: undefined, pausedAt: undefined, pauseReason: undefined });
  });

  it('that is changed in another way keeps the rest', () => {
    const changed = toChangedEndpoint(endpoint, { url: 'https://b.example/hook' });
    expect(changed).toEqual({ endpoint: { ...endpoint, url: 'https://b.example/hook' }, resumedFrom: undefined });
    const active = { ...endpoint, pausedAt: undefined };
    expect(toChangedEndpoint(active, { pausedAt: undefined })).toEqual({ endpoint: active, resumedFrom: undefined });
  });
});
