import { DarkroomError } from '@darkroom/client';
import { useQuery } from '@tanstack/react-query';
import { useDarkroomAdmin } from '../session.tsx';

export const upstreamsKey = ['upstreams'];

const pollMs = 2_000;

/** What each upstream says of each model, for operators; `refusal` tells another key why not. */
export function useUpstreams({ isFollowed = false }: { readonly isFollowed?: boolean } = {}) {
  const admin = useDarkroomAdmin();
  const query = useQuery({
    queryKey: upstreamsKey,
    queryFn: ({ signal }) => admin.upstreams({ signal }),
    refetchInterval: ({ state }) => isFollowed && state.error === null && pollMs,
    // The answer to "is this key an operator's" does not change while the page is open.
    staleTime: isFollowed ? 0 : Number.POSITIVE_INFINITY,
  });
  return { ...query, isAdmin: query.data !== undefined, isRefused: isAdminRequired(query.error) };
}

function isAdminRequired(error: Error | null): boolean {
  return error instanceof DarkroomError && error.code === 'admin_required';
}
