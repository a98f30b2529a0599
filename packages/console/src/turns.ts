import type { RequestRecord } from '@darkroom/protocol';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { holds, readList } from './known-records.ts';
import { toPreviousId } from './record-facts.ts';
import { useRecentRequests } from './requests.ts';
import { useReading } from './session.tsx';

/** Earlier turns of a conversation are not shown. */
const maxTurns = 24;

/** The turns before the request, oldest first. The list ends at a request that has been pruned. */
export function useEarlierTurns(record: RequestRecord): readonly RequestRecord[] {
  const { darkroom } = useReading();
  const { data } = useQuery({
    queryKey: ['earlier', record.request_id],
    enabled: toPreviousId(record) !== undefined,
    meta: holds.turns,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const turns: RequestRecord[] = [];
      for (let id = toPreviousId(record); id !== undefined && turns.length < maxTurns; ) {
        const turn = await darkroom.status(id, { signal }).catch(() => undefined);
        if (!turn) break;
        turns.unshift(turn);
        id = toPreviousId(turn);
      }
      return turns;
    },
  });
  return data ?? [];
}

const pageSize = 100;
/** How many pages of requests are searched for branches. Beyond them, branches in a busy organization are not found. */
const maxPages = 5;

/** The requests that continue from this one, oldest first. Only the newest requests made since then are searched. */
export function useLaterTurns(record: RequestRecord): readonly RequestRecord[] {
  const { darkroom } = useReading();
  const { request_id: id, created_at: createdFrom } = record;
  const queries = useQueryClient();
  const { data: recent } = useRecentRequests();
  const { data: found = [] } = useQuery({
    queryKey: ['later', id],
    enabled: record.status === 'success',
    meta: holds.turns,
    // Branches made in the meantime are among the recent requests.
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const turns: RequestRecord[] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages < maxPages && (pages === 0 || cursor !== undefined); pages += 1) {
        const query = { createdFrom, limit: pageSize, ...(cursor !== undefined && { cursor }) };
        const { requests, next_cursor } = await readList(queries, () => darkroom.list(query, { signal }));
        turns.push(...requests.filter((one) => toPreviousId(one) === id));
        cursor = next_cursor;
      }
      return turns;
    },
  });
  const latest = recent?.requests.filter((one) => toPreviousId(one) === id) ?? [];
  const isLatest = new Set(latest.map((one) => one.request_id));
  return [...latest, ...found.filter((one) => !isLatest.has(one.request_id))].toReversed();
}
