import type { ImageRequest } from '../core/image-request.ts';
import type { RequestPage } from './request-store.ts';

/** The page of what was found: one more than the limit tells that there is more. */
export function toPage(found: readonly ImageRequest[], limit: number): Omit<RequestPage, 'total'> {
  return { requests: found.slice(0, limit), nextCursor: found.length > limit ? found[limit - 1]?.id : undefined };
}
