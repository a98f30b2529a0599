import type { Submission } from '@darkroom/client';
import type { RequestList, RequestRecord } from '@darkroom/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isUnderWay } from './record-facts.ts';
import { useDarkroom } from './session.tsx';

const pollMs = 1_000;
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
    queryFn: async ({ signal }) => {
      const record = await darkroom.status(id, { signal });
      const known = queries.getQueryData<RequestRecord>(queryKey);
      if (known?.status !== record.status) void queries.invalidateQueries({ queryKey: recentKey });
      return record;
    },
    refetchInterval: ({ state }) => state.data !== undefined && isUnderWay(state.data) && pollMs,
    // The tab's title tells when it is done.
    refetchIntervalInBackground: true,
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
