import type { Submission } from '@darkroom/client';
import type { PayloadInput, RequestList, RequestRecord } from '@darkroom/protocol';
import { type InfiniteData, type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { isUnderWay } from './record-facts.ts';
import { isStreamed, toRequestKey, useRequestStream } from './request-stream.ts';
import { useDarkroom, useReading } from './session.tsx';

/** Polling is the truth; while the stream of events is heard, it is there for what that may have missed. */
const pollMs = 1_000;
const pollBesideStreamMs = 10_000;
const recentLimit = 12;
const recentPollMs = 5_000;

const recentKey = ['recent'];

/** The request as it stands now, followed until it has ended. */
export function useRequest(id: string) {
  const { darkroom } = useReading();
  const queries = useQueryClient();
  const queryKey = toRequestKey(id);
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const record = await darkroom.status(id, { signal });
      const known = queries.getQueryData<RequestRecord>(queryKey);
      if (known?.status !== record.status) keepInLists(queries, record);
      return record;
    },
    refetchInterval: ({ state }) =>
      state.data !== undefined && isUnderWay(state.data) && (isStreamed(queries, id) ? pollBesideStreamMs : pollMs),
    // The tab's title tells when it is done.
    refetchIntervalInBackground: true,
    // A request of the list is there at once.
    initialData: (): RequestRecord | undefined =>
      queries.getQueryData<RequestList>(recentKey)?.requests.find((record) => record.request_id === id),
  });
  useRequestStream(id, { isOpen: query.data !== undefined && isUnderWay(query.data) });
  return query;
}

/** The latest requests of the caller's organization, whoever made them. */
export function useRecentRequests() {
  const { darkroom } = useReading();
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

export function useCancel() {
  const darkroom = useDarkroom();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (requestId: string) => darkroom.cancel(requestId),
    onSuccess: (record) => keepRecord(queries, record),
  });
}

/** Shows what the server has just told of a request, wherever it is shown. */
function keepRecord(queries: QueryClient, record: RequestRecord): void {
  queries.setQueryData(toRequestKey(record.request_id), record);
  keepInLists(queries, record);
}

/** The gallery may be hundreds of pages long: it is not read again for one record. */
function keepInLists(queries: QueryClient, record: RequestRecord): void {
  void queries.invalidateQueries({ queryKey: recentKey });
  const replace = (one: RequestRecord) => (one.request_id === record.request_id ? record : one);
  queries.setQueriesData<InfiniteData<RequestList>>(
    { queryKey: galleryKey },
    (all) => all && { ...all, pages: all.pages.map((page) => ({ ...page, requests: page.requests.map(replace) })) },
  );
}

/** What was read of the gallery begins with it. */
export const galleryKey = ['gallery'];

/** Submits what an earlier request asked for as a new one. */
export function useSubmitAgain() {
  const darkroom = useDarkroom();
  const queries = useQueryClient();
  return useMutation({
    // The server has taken this payload before.
    mutationFn: ({ model, payload }: RequestRecord) => darkroom.submit({ model, payload: payload as PayloadInput }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: recentKey }),
  });
}
