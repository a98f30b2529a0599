import type { Submission } from '@darkroom/client';
import type { PayloadInput, RequestList, RequestRecord } from '@darkroom/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { holds, readList, readRecord, toRequestKey } from './known-records.ts';
import { isUnderWay } from './record-facts.ts';
import { isStreamed, useRequestStream } from './request-stream.ts';
import { useDarkroom, useReading } from './session.tsx';

/** Polling is the truth; while the stream of events is heard, it is there for what that may have missed. */
const pollMs = 1_000;
const pollBesideStreamMs = 10_000;
const recentLimit = 12;
const recentPollMs = 5_000;

const recentKey = ['recent'];

/** The request as it stands now, followed until it has ended; without an id nothing is read. */
export function useRequest(id: string | undefined) {
  const { darkroom } = useReading();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: toRequestKey(id ?? ''),
    enabled: id !== undefined,
    queryFn: ({ signal }) => readRecord(queries, () => darkroom.status(id ?? '', { signal })),
    refetchInterval: ({ state }) =>
      state.data !== undefined &&
      isUnderWay(state.data) &&
      (isStreamed(queries, state.data.request_id) ? pollBesideStreamMs : pollMs),
    // The tab's title tells when it is done.
    refetchIntervalInBackground: true,
    // What has its pictures stays so; the others may be queued again.
    staleTime: ({ state }) => (state.data?.status === 'success' ? Number.POSITIVE_INFINITY : 0),
    // A request of the list is there at once, as old as the list.
    initialData: (): RequestRecord | undefined =>
      queries.getQueryData<RequestList>(recentKey)?.requests.find((record) => record.request_id === id),
    initialDataUpdatedAt: () => queries.getQueryState(recentKey)?.dataUpdatedAt,
  });
  useRequestStream(id, { isOpen: query.data !== undefined && isUnderWay(query.data) });
  return query;
}

/** The latest requests of the caller's organization, whoever made them. */
export function useRecentRequests() {
  const { darkroom } = useReading();
  const queries = useQueryClient();
  return useQuery({
    queryKey: recentKey,
    queryFn: ({ signal }) => readList(queries, () => darkroom.list({ limit: recentLimit }, { signal })),
    meta: holds.list,
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
    onSuccess: (record) => queries.setQueryData(toRequestKey(record.request_id), record),
  });
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
