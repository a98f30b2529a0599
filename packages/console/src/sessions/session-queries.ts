import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useRefresh } from '../refresh.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';

const queryKey = ['sessions'];
const pageSize = 50;
const pollMs = 30_000;

/** Sessions of people, the last sign-ins first. */
export function useSessions() {
  const { admin } = useReading();
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      admin.sessions({ limit: pageSize, ...(pageParam !== undefined && { cursor: pageParam }) }, { signal }),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: pollMs,
  });
}

export function useEndSession() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: (id: string) => admin.endSession(id),
    onSettled: refresh,
  });
}
