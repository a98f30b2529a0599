import type { RequestRecord } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { toPreviousId } from './record-facts.ts';
import { useDarkroom } from './session.tsx';

/** No conversation is told further back. */
const maxTurns = 24;

/** The turns before the request, oldest first. What has been pruned ends the row. */
export function useEarlierTurns(record: RequestRecord): readonly RequestRecord[] {
  const darkroom = useDarkroom();
  const { data } = useQuery({
    queryKey: ['earlier', record.request_id],
    enabled: toPreviousId(record) !== undefined,
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
