import type { RequestList, RequestRecord } from '@darkroom/protocol';
import {
  type InfiniteData,
  keepPreviousData,
  type Query,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect } from 'react';
import { holds, readList } from '../known-records.ts';
import { isUnderWay } from '../record-facts.ts';
import { galleryKey } from '../requests.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';
import { type GalleryFilters, toBounds } from './gallery-search.ts';

const pageSize = 60;
const pollMs = 5_000;

type Pages = InfiniteData<RequestList, string | undefined>;

/**
 * All requests that fit the filters, newest first, read a page at a time. Who has scrolled down looks at old pictures: only
 * a first page alone is read again.
 */
export function useGallery({ model, status, text, from, to }: GalleryFilters) {
  const { darkroom } = useReading();
  const queries = useQueryClient();
  const filters = {
    ...(model !== undefined && { model }),
    ...(status && { status }),
    ...(text !== undefined && { text }),
    ...toBounds({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) }),
  };
  const queryKey = [...galleryKey, filters];
  useTrimmedAfterwards(queryKey);
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => {
      const page = { ...filters, limit: pageSize, ...(pageParam !== undefined && { cursor: pageParam }) };
      return readList(queries, () => darkroom.list(page, { signal }));
    },
    meta: holds.pages,
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: (query) => isOnePage(query) && pollMs,
    refetchOnWindowFocus: isOnePage,
    refetchOnReconnect: isOnePage,
  });
}

function isOnePage({ state }: Pick<Query<Pages>, 'state'>): boolean {
  return state.data === undefined || state.data.pages.length === 1;
}

/** Whoever comes back to the list starts at its top: what was read further down is forgotten. */
function useTrimmedAfterwards(queryKey: readonly unknown[]): void {
  const queries = useQueryClient();
  const name = JSON.stringify(queryKey);
  useEffect(
    () => () => {
      queries.setQueryData<Pages>(
        JSON.parse(name),
        (all) => all && { pages: all.pages.slice(0, 1), pageParams: all.pageParams.slice(0, 1) },
      );
    },
    [queries, name],
  );
}

/** Every call that was made for the request, and its history in sentences: read again whenever the record has moved on. */
export function useRequestHistory(record: RequestRecord) {
  const { darkroom } = useReading();
  const { request_id: id, status, updated_at: updatedAt } = record;
  const options = {
    refetchInterval: isUnderWay(record) && pollMs,
    // Until then, what was known of the same request.
    placeholderData: keepPreviousData,
  };
  return {
    attempts: useQuery({
      queryKey: ['attempts', id, status, updatedAt],
      queryFn: ({ signal }) => darkroom.attempts(id, { signal }),
      ...options,
    }),
    logs: useQuery({
      queryKey: ['logs', id, status, updatedAt],
      queryFn: ({ signal }) => darkroom.logs(id, { signal }),
      ...options,
    }),
  };
}

/** Queues an ended request again, for operators. */
export function useRequeue() {
  const admin = useDarkroomAdmin();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (requestId: string) => admin.requeue({ requestIds: [requestId] }),
    // Its status, its history, its place in lists: all of it is another now. The gallery hears of the status.
    onSuccess: () => void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== galleryKey[0] }),
  });
}
