import type { ImageRequest } from '../core/image-request.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Caller } from './caller.ts';
import { type FindOptions, refuseMissing } from './find.ts';

/**
 * Waits for the end of the caller's request. Resolves to the request at its end, or as it is after `timeoutMs`, when `signal`
 * aborts or when the service stops. Rejects with a `Problem` when the organization has none of this id.
 */
export type Wait = (
  caller: Pick<Caller, 'organizationId'>,
  id: string,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<ImageRequest>;

export function createWait({
  hub,
  removals,
}: Pick<FindOptions, 'removals'> & { readonly hub: Pick<EventHub, 'waitForEnd'> }): Wait {
  return async ({ organizationId }, id, limits) =>
    (await hub.waitForEnd(organizationId, id, limits)) ?? refuseMissing(removals, organizationId, id);
}
