import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { galleryKey } from '../requests.ts';
import { useDarkroom, useDarkroomAdmin } from '../session.tsx';
import type { GallerySearch } from './gallery-search.ts';

const pageSize = 48;
const pollMs = 5_000;

/** All requests that fit the filters, newest first, read a page at a time. */
export function useGallery({ model, status }: Pick<GallerySearch, 'model' | 'status'>) {
  const darkroom = useDarkroom();
  const filters = { ...(model !== undefined && { model }), ...(status && { status }) };
  return useInfiniteQuery({
    queryKey: [...galleryKey, filters],
    queryFn: ({ pageParam, signal }) =>
      darkroom.list({ ...filters, limit: pageSize, ...(pageParam !== undefined && { cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ next_cursor }) => next_cursor,
    // Who has scrolled down looks at old pictures; reading every page again would be slow and change nothing.
    refetchInterval: ({ state }) => state.data?.pages.length === 1 && pollMs,
  });
}

/** Every call that was made for the request, and its history in sentences. */
export function useRequestHistory(id: string, { isFollowed }: { readonly isFollowed: boolean }) {
  const darkroom = useDarkroom();
  const refetchInterval = isFollowed ? pollMs : false;
  return {
    attempts: useQuery({
      queryKey: ['attempts', id],
      queryFn: ({ signal }) => darkroom.attempts(id, { signal }),
      refetchInterval,
    }),
    logs: useQuery({ queryKey: ['logs', id], queryFn: ({ signal }) => darkroom.logs(id, { signal }), refetchInterval }),
  };
}

/** Queues an ended request again, for operators. */
export function useRequeue() {
  const admin = useDarkroomAdmin();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (requestId: string) => admin.requeue({ requestIds: [requestId] }),
    // Its status, its history, the lists that it stood in: all of it is another now.
    onSuccess: () => void queries.invalidateQueries(),
  });
}
