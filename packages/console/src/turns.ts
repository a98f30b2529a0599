import type { RequestRecord } from '@darkroom/protocol';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { holds, readList } from './known-records.ts';
import { toPreviousId } from './record-facts.ts';
import { useRecentRequests } from './requests.ts';
import { useReading } from './session.tsx';

/** No conversation is told further back. */
const maxTurns = 24;

/** The turns before the request, oldest first. What has been pruned ends the row. */
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
/** So many requests are looked through for branches; older ones of a busy organization are not found. */
const maxPages = 5;

/** The requests that go on from this one, oldest first: of the newest that were made since then. */
export function useLaterTurns(record: RequestRecord): readonly RequestRecord[] {
  const { darkroom } = useReading();
  const { request_id: id, created_at: createdFrom } = record;
  const queries = useQueryClient();
  const { data: recent } = useRecentRequests();
  const { data: found = [] } = useQuery({
    queryKey: ['later', id],
    enabled: record.status === 'success',
    meta: holds.turns,
    // Branches that are made meanwhile are among the recent ones.
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
