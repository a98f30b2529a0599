import type { ImageRequest } from '../core/image-request.ts';
import { isEnded } from '../core/lifecycle.ts';
import { Problem } from '../core/problem.ts';
import type { Clock } from '../platform/clock.ts';
import type { RemovalStore, Tombstone } from '../store/removal-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { Caller } from './caller.ts';
import type { Deletions } from './delete.ts';
import { refuseMissing } from './find.ts';

interface CancelOptions {
  readonly store: Pick<RequestStore, 'find' | 'cancel'>;
  readonly removals: Pick<RemovalStore, 'findTombstone'>;
  readonly clock: Clock;
}

/** Resolves to the request as it is afterwards. Rejects with a `Problem` when the organization has none of this id. */
export type Cancel = (caller: Pick<Caller, 'organizationId'>, id: string) => Promise<ImageRequest>;

/** Cancels a request that is queued or processing; one that has ended stays as it is. */
export function createCancel({ store, removals, clock }: CancelOptions): Cancel {
  return async ({ organizationId }, id) =>
    (await store.cancel(organizationId, id, clock.now())) ?? refuseMissing(removals, organizationId, id);
}

export type Withdrawn =
  | { readonly kind: 'cancelled'; readonly request: ImageRequest }
  | { readonly kind: 'deleted'; readonly left: Tombstone };

/** What `DELETE` means in most APIs: cancels a request that is open, and deletes one that has ended. */
export type Withdraw = (caller: Caller, id: string) => Promise<Withdrawn>;

export function createWithdraw(options: CancelOptions & Pick<Deletions, 'deleteRequest'>): Withdraw {
  const cancel = createCancel(options);
  return async (caller, id) => {
    const found = await options.store.find(caller.organizationId, id);
    if (!found || isEnded(found.status)) return { kind: 'deleted', left: await options.deleteRequest(caller, id) };
    const request = await cancel(caller, id);
    // It may have ended in another way in between: what the caller has not seen yet is not deleted.
    if (request.status !== 'cancelled') throw createEnded(request);
    return { kind: 'cancelled', request };
  };
}

function createEnded({ status }: ImageRequest): Problem {
  return new Problem(
    'request_ended',
    `The request ended as ${status} before it could be cancelled, and still exists. Repeat the call to delete it.`,
  );
}
