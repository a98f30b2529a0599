import type { RequestStatus } from '@darkroom/protocol';

/**
 * What can happen to a request. A lost lease is not an event: the rescue ends the attempt as `lost`, and its verdict is the
 * event.
 */
export const lifecycleEvents = [
  'claim',
  'succeed',
  'fail',
  'retry',
  'interrupt',
  'expire',
  'salvage',
  'cancel',
  'requeue',
] as const;
export type LifecycleEvent = (typeof lifecycleEvents)[number];

/**
 * The status after an event, for every status and every event; `refused` changes nothing. A deadline that passes while a request
 * is queued or processing is an `expire` or, when calls have brought some of its pictures, a `salvage`: what was paid for is not
 * thrown away. A cancel of a finished request is accepted and changes nothing either, which is not a refusal.
 */
export const lifecycle = {
  queued: {
    claim: 'processing',
    succeed: 'refused',
    fail: 'refused',
    retry: 'refused',
    interrupt: 'refused',
    expire: 'failed',
    salvage: 'success',
    cancel: 'cancelled',
    requeue: 'refused',
  },
  processing: {
    claim: 'refused',
    succeed: 'success',
    fail: 'failed',
    retry: 'queued',
    interrupt: 'queued',
    expire: 'failed',
    salvage: 'success',
    cancel: 'cancelled',
    requeue: 'refused',
  },
  success: {
    claim: 'refused',
    succeed: 'refused',
    fail: 'refused',
    retry: 'refused',
    interrupt: 'refused',
    expire: 'refused',
    salvage: 'refused',
    cancel: 'success',
    requeue: 'refused',
  },
  failed: {
    claim: 'refused',
    succeed: 'refused',
    fail: 'refused',
    retry: 'refused',
    interrupt: 'refused',
    expire: 'refused',
    salvage: 'refused',
    cancel: 'failed',
    requeue: 'queued',
  },
  cancelled: {
    claim: 'refused',
    succeed: 'refused',
    fail: 'refused',
    retry: 'refused',
    interrupt: 'refused',
    expire: 'refused',
    salvage: 'refused',
    cancel: 'cancelled',
    requeue: 'queued',
  },
} as const satisfies Record<RequestStatus, Record<LifecycleEvent, RequestStatus | 'refused'>>;

/** The status after the event, or `refused`. */
export function toNextStatus(status: RequestStatus, event: LifecycleEvent): RequestStatus | 'refused' {
  return lifecycle[status][event];
}

/** Nothing more happens to it, unless an operator queues it again. */
export function isEnded(status: RequestStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'cancelled';
}
