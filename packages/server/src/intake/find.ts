import type { ImageRequest } from '../core/image-request.ts';
import { Problem } from '../core/problem.ts';
import type { RemovalStore } from '../store/removal-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import type { Caller } from './caller.ts';

/** Finds the caller's request. Rejects with a `Problem` when its organization has none of this id. */
export type Find = (caller: Pick<Caller, 'organizationId'>, id: string) => Promise<ImageRequest>;

export interface FindOptions {
  readonly store: Pick<RequestStore, 'find'>;
  readonly removals: Pick<RemovalStore, 'findTombstone'>;
}

export function createFind({ store, removals }: FindOptions): Find {
  return async ({ organizationId }, id) =>
    (await store.find(organizationId, id)) ?? refuseMissing(removals, organizationId, id);
}

/** Rejects with the `Problem` of a request that the caller's organization does not have, or does not have any more. */
export async function refuseMissing(
  removals: FindOptions['removals'],
  organizationId: string,
  id: string,
): Promise<never> {
  if (await removals.findTombstone(organizationId, id))
    throw new Problem('deleted', `The request ${id} was deleted, with its pictures.`);
  throw createMissing();
}

export function createMissing(): Problem {
  return new Problem('not_found', 'There is no request with this id.');
}
