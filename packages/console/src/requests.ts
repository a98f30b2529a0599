import type { Submission } from '@darkroom/client';
import type { PayloadInput, RequestList, RequestRecord } from '@darkroom/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { holds, readList, readRecord, toRequestKey } from './known-records.ts';
import { isUnderWay } from './record-facts.ts';
import { useRefresh } from './refresh.ts';
import { isStreamed, useRequestStream } from './request-stream.ts';
import { useDarkroom, useReading } from './session.tsx';

/** Polling gives the true state. While the event stream is connected, polling only covers what the stream may have missed. */
const pollMs = 1_000;
const pollBesideStreamMs = 10_000;
const recentLimit = 12;
const recentPollMs = 5_000;

const recentKey = ['recent'];

/** The current state of the request, followed until it has ended. Without an id nothing is read. */
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
    // The title of the tab shows when it is done.
    refetchIntervalInBackground: true,
    // A successful request no longer changes. Others may be queued again.
    staleTime: ({ state }) => (state.data?.status === 'success' ? Number.POSITIVE_INFINITY : 0),
    // A request from the list is shown at once, as old as the list.
    initialData: (): RequestRecord | undefined =>
      queries.getQueryData<RequestList>(recentKey)?.requests.find((record) => record.request_id === id),
    initialDataUpdatedAt: () => queries.getQueryState(recentKey)?.dataUpdatedAt,
  });
  useRequestStream(id, { isOpen: query.data !== undefined && isUnderWay(query.data) });
  return query;
}

/** The latest requests of the caller's organization, made with any key. */
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
  const refresh = useRefresh(recentKey);
  return useMutation({
    mutationFn: (submission: Submission) => darkroom.submit(submission),
    onSuccess: refresh,
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

/** The first element of every query key of the gallery. */
export const galleryKey = ['gallery'];

/** Deletes an ended request with its pictures. */
export function useDelete() {
  const darkroom = useDarkroom();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (requestId: string) => darkroom.delete(requestId),
    onSuccess: () => {
      for (const queryKey of [recentKey, galleryKey]) void queries.invalidateQueries({ queryKey });
    },
  });
}

/** Submits an earlier request as a new one: its payload, its service tier, and whether another model may make it. */
export function useSubmitAgain() {
  const darkroom = useDarkroom();
  const refresh = useRefresh(recentKey);
  return useMutation({
    // The server has already accepted this payload.
    mutationFn: ({ model, payload, service_tier: serviceTier, fallback }: RequestRecord) =>
      darkroom.submit({
        model,
        payload: payload as PayloadInput,
        ...(serviceTier && { serviceTier }),
        ...(fallback !== undefined && { fallback }),
      }),
    onSuccess: refresh,
  });
}
