import type { ImageRequest } from '../core/image-request.ts';
import { Problem } from '../core/problem.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { Caller } from './caller.ts';

/** Finds the caller's request. Rejects with a `Problem` when its organization has none of this id. */
export type Find = (caller: Pick<Caller, 'organizationId'>, id: string) => Promise<ImageRequest>;

export function createFind(store: Pick<RequestStore, 'find'>): Find {
  return async ({ organizationId }, id) => orMissing(await store.find(organizationId, id));
}

/** Throws the `Problem` of a request that the caller's organization does not have. */
export function orMissing(found: ImageRequest | undefined): ImageRequest {
  if (!found) throw new Problem('not_found', 'There is no request of this id.');
  return found;
}
