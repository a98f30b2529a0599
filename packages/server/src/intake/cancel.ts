import type { ImageRequest } from '../core/image-request.ts';
import { isEnded } from '../core/lifecycle.ts';
import { Problem } from '../core/problem.ts';
import type { Clock } from '../platform/clock.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { Caller } from './caller.ts';
import { orMissing } from './find.ts';

interface CancelOptions {
  readonly store: Pick<RequestStore, 'find' | 'cancel'>;
  readonly clock: Clock;
}

/** Resolves to the request as it is afterwards. Rejects with a `Problem` when the organization has none of this id. */
export type Cancel = (caller: Pick<Caller, 'organizationId'>, id: string) => Promise<ImageRequest>;

/** Cancels a request that is queued or processing; one that has ended stays as it is. */
export function createCancel({ store, clock }: CancelOptions): Cancel {
  return async ({ organizationId }, id) => orMissing(await store.cancel(organizationId, id, clock.now()));
}

/** The same, but refuses a request that has ended: a success would say that something was deleted. */
export function createWithdraw(options: CancelOptions): Cancel {
  const cancel = createCancel(options);
  return async (caller, id) => {
    assertUnended(orMissing(await options.store.find(caller.organizationId, id)));
    const cancelled = await cancel(caller, id);
    // It may have ended in another way in between.
    if (cancelled.status !== 'cancelled') assertUnended(cancelled);
    return cancelled;
  };
}

function assertUnended({ status }: ImageRequest): void {
  if (!isEnded(status)) return;
  throw new Problem(
    'request_ended',
    `The request has ended as ${status} and cannot be cancelled any more. Ended requests and their pictures cannot be deleted yet.`,
  );
}
