import type { RequestEvent } from '@darkroom/client';
import type { ProgressRecord, RequestRecord } from '@darkroom/protocol';
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { toRequestKey } from './known-records.ts';
import { useDarkroom } from './session.tsx';

/**
 * Writes the events of a request into the page's data as they happen. After a lost connection the client continues where it
 * was. Until then the page polls.
 */
export function useRequestStream(id: string | undefined, { isOpen }: { readonly isOpen: boolean }): void {
  const darkroom = useDarkroom();
  const queries = useQueryClient();
  useEffect(() => {
    if (id === undefined || !isOpen) return;
    const closing = new AbortController();
    const follow = async () => {
      for await (const event of darkroom.events(id, { signal: closing.signal })) {
        queries.setQueryData(toHeardKey(id), Date.now());
        keepEvent(queries, id, event);
      }
    };
    // If the stream ends early, the page continues to poll and shows any error of that.
    follow().catch(() => undefined);
    return () => {
      closing.abort();
      queries.removeQueries({ queryKey: toHeardKey(id) });
    };
  }, [darkroom, queries, id, isOpen]);
}

/** While its request is under way, a stream sends something every few seconds. */
const longestSilenceMs = 8_000;

/** Whether the stream of the request recently sent something. */
export function isStreamed(queries: QueryClient, id: string): boolean {
  const heardAt = queries.getQueryData<number>(toHeardKey(id));
  return heardAt !== undefined && Date.now() - heardAt < longestSilenceMs;
}

/** The progress of the upstream, while it works on the request and the stream is connected. */
export function useProgress(id: string): ProgressRecord | undefined {
  return useQuery<ProgressRecord>({ queryKey: toProgressKey(id), enabled: false }).data;
}

function keepEvent(queries: QueryClient, id: string, event: RequestEvent): void {
  const queryKey = toRequestKey(id);
  switch (event.kind) {
    case 'queue':
      queries.setQueryData<RequestRecord>(queryKey, (record) => record && { ...record, queue: event.data });
      return;
    case 'progress':
      queries.setQueryData(toProgressKey(id), event.data);
      return;
    case 'status':
      void queries.invalidateQueries({ queryKey });
      return;
    case 'end':
      queries.setQueryData(queryKey, event.data);
      void queries.invalidateQueries({ queryKey });
      return;
    case 'attempt':
    case 'webhook':
      return;
  }
}

function toHeardKey(id: string): readonly string[] {
  return ['heard', id];
}

function toProgressKey(id: string): readonly string[] {
  return ['progress', id];
}
