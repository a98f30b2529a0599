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
 * All requests that match the filters, newest first, read one page at a time. Only a single first page is polled: a reader
 * who has scrolled further down looks at old pictures.
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

/** A reader who comes back to the list starts at its top. Pages further down are forgotten. */
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

/** All calls that were made for the request, and its history in sentences. Both are read again when the record changes. */
export function useRequestHistory(record: RequestRecord) {
  const { darkroom } = useReading();
  const { request_id: id, status, updated_at: updatedAt } = record;
  const options = {
    refetchInterval: isUnderWay(record) && pollMs,
    // Until then, the previous data of the same request is shown.
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
    // Its status, its history and its place in lists have all changed. The gallery is notified of the status.
    onSuccess: () => void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== galleryKey[0] }),
  });
}
