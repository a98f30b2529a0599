import type { BatchJobStore } from '../store/batch-job-store.ts';
import type { OrganizationStore } from '../store/organization-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { UpstreamStore } from '../store/upstream-store.ts';
import type { WebhookStore } from '../store/webhook-store.ts';
import type { Notifier } from './notifier.ts';

type Hinter = Pick<Notifier, 'hintQueued' | 'hintChanged'>;

interface Stores {
  readonly requests: RequestStore;
  readonly organizations: OrganizationStore;
  readonly upstreams: UpstreamStore;
  readonly webhooks: WebhookStore;
  readonly batchJobs: BatchJobStore;
}

/**
 * The same stores, which hint after every write that somebody may be waiting for. This is the only place that hints for writes: a
 * caller of the stores cannot forget it. The end of a delivery is the exception: `WebhookSender` hints when the delivery is over.
 */
export function hintWrites(
  { requests, organizations, upstreams, webhooks, batchJobs }: Stores,
  notifier: Hinter,
): Stores {
  return {
    requests: hintRequests(requests, notifier),
    organizations: { ...organizations, resume: after(organizations.resume, () => notifier.hintQueued()) },
    upstreams: { ...upstreams, release: after(upstreams.release, () => notifier.hintQueued()) },
    webhooks: {
      ...webhooks,
      updateEndpoint: after(webhooks.updateEndpoint, () => notifier.hintChanged()),
      resend: after(webhooks.resend, (delivery) => delivery && notifier.hintChanged()),
    },
    batchJobs: { ...batchJobs, begin: after(batchJobs.begin, ({ length }) => length > 0 && notifier.hintChanged()) },
  };
}

/** Hints that the history has grown, and that there is something to claim. */
function hintRequests(store: RequestStore, notifier: Hinter): RequestStore {
  const hint = ({ hasChanged = true, hasQueued = false }: Effect) => {
    if (hasChanged) notifier.hintChanged();
    if (hasQueued) notifier.hintQueued();
  };
  return {
    ...store,
    submit: after(store.submit, ({ kind }) => hint(whenSome(kind === 'submitted'))),
    claim: after(store.claim, ({ claims }) => hint({ hasChanged: claims.length > 0 })),
    beginCalls: after(store.beginCalls, () => hint({})),
    endCalls: after(store.endCalls, () => hint({})),
    // A request that is to be tried again is not due yet; one that is given back is.
    settle: after(store.settle, (_isSettled, { verdict }) => hint({ hasQueued: verdict.kind === 'interrupt' })),
    rescue: after(store.rescue, (rescued) => hint(whenSome(rescued.length > 0))),
    expire: after(store.expire, ({ length }) => hint({ hasChanged: length > 0 })),
    moveUp: after(store.moveUp, ({ length }) => hint({ hasChanged: false, hasQueued: length > 0 })),
    cancel: after(store.cancel, () => hint({})),
    cancelLeft: after(store.cancelLeft, (cancelled) => hint({ hasChanged: cancelled !== undefined })),
    requeue: after(store.requeue, ({ length }) => hint(whenSome(length > 0))),
  };
}

interface Effect {
  readonly hasChanged?: boolean;
  readonly hasQueued?: boolean;
}

/** The effect of a write that queues what it changes. */
function whenSome(hasSome: boolean): Effect {
  return { hasChanged: hasSome, hasQueued: hasSome };
}

/** The same write, after which `look` sees the result and what was given. */
function after<Given extends readonly unknown[], Result>(
  write: (...given: Given) => Promise<Result>,
  look: (result: Result, ...given: Given) => void,
): (...given: Given) => Promise<Result> {
  return async (...given) => {
    const result = await write(...given);
    look(result, ...given);
    return result;
  };
}
