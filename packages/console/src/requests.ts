import type { Submission } from '@darkroom/client';
import type { RequestList, RequestRecord } from '@darkroom/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useDarkroom } from './session.tsx';

const recentLimit = 12;
const recentPollMs = 5_000;

const recentKey = ['recent'];

/** The request as it stands now, followed until it has ended. */
export function useRequest(id: string) {
  const darkroom = useDarkroom();
  const queries = useQueryClient();
  const queryKey = ['request', id];
  return useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      darkroom.wait(id, {
        signal,
        onRecord: (record) => {
          const known = queries.getQueryData<RequestRecord>(queryKey);
          queries.setQueryData(queryKey, record);
          if (known?.status !== record.status) void queries.invalidateQueries({ queryKey: recentKey });
        },
      }),
    // A request of the list is there at once.
    initialData: (): RequestRecord | undefined =>
      queries.getQueryData<RequestList>(recentKey)?.requests.find((record) => record.request_id === id),
  });
}

/** The latest requests of the caller's organization, whoever made them. */
export function useRecentRequests() {
  const darkroom = useDarkroom();
  return useQuery({
    queryKey: recentKey,
    queryFn: ({ signal }) => darkroom.list({ limit: recentLimit }, { signal }),
    refetchInterval: recentPollMs,
  });
}

export function useSubmit() {
  const darkroom = useDarkroom();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (submission: Submission) => darkroom.submit(submission),
    onSuccess: () => void queries.invalidateQueries({ queryKey: recentKey }),
  });
}
