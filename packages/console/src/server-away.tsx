import { notifyManager, type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { formatTime } from './formats.ts';
import { isAway } from './sentences.ts';
import './styles/server-away.css';

/** Says above every page that the server does not answer, and from when what is shown is, until it answers again. */
export function ServerAway() {
  const readAt = useAway();
  return (
    <div className="away" role="status">
      {readAt !== undefined && (
        <p>
          <strong>Darkroom does not answer.</strong>{' '}
          {readAt > 0 ? `What is shown was read at ${formatTime(readAt / 1_000)}.` : 'Is it running?'} This page goes on
          by itself when it is back.
        </p>
      )}
    </div>
  );
}

/** While the server is away: when the oldest of what is shown was read, 0 when nothing was; `undefined` while it answers. */
function useAway(): number | undefined {
  const queries = useQueryClient();
  const subscribe = useCallback(
    (onChange: () => void) => queries.getQueryCache().subscribe(notifyManager.batchCalls(onChange)),
    [queries],
  );
  const readAt = useSyncExternalStore(subscribe, () => findAway(queries));
  const isServerAway = readAt !== undefined;
  useEffect(() => {
    // What is not read by the clock is read again too, as after a cut line: it is as old as the rest, and is to come back with it.
    if (isServerAway) queries.getQueryCache().onOnline();
  }, [queries, isServerAway]);
  return readAt;
}

function findAway(queries: QueryClient): number | undefined {
  const failing = queries.getQueryCache().findAll({ type: 'active', predicate: isFailing });
  if (failing.length === 0) return undefined;
  const times = failing.map(({ state }) => state.dataUpdatedAt).filter((time) => time > 0);
  return times.length === 0 ? 0 : Math.min(...times);
}

function isFailing({ state: { error, fetchFailureReason } }: Query): boolean {
  const problem = fetchFailureReason ?? error;
  return problem !== null && isAway(problem);
}
