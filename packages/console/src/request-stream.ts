import type { RequestEvent } from '@darkroom/client';
import type { ProgressRecord, RequestRecord } from '@darkroom/protocol';
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { toRequestKey } from './known-records.ts';
import { useDarkroom } from './session.tsx';

/**
 * Writes what the server tells of a request, as it happens, into what the page knows of it. The client goes on after a cut
 * line where it was; until it does, the page polls.
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
    // Whatever ends the stream early: the page polls on, and says what that finds.
    follow().catch(() => undefined);
    return () => {
      closing.abort();
      queries.removeQueries({ queryKey: toHeardKey(id) });
    };
  }, [darkroom, queries, id, isOpen]);
}

/** A stream tells something every few seconds while its request is under way. */
const longestSilenceMs = 8_000;

/** Was something heard of the request lately? */
export function isStreamed(queries: QueryClient, id: string): boolean {
  const heardAt = queries.getQueryData<number>(toHeardKey(id));
  return heardAt !== undefined && Date.now() - heardAt < longestSilenceMs;
}

/** How far the upstream is, while it works on the request and the stream is heard. */
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
