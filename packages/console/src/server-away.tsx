import { notifyManager, type Query, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { formatTime } from './formats.ts';
import { isAway } from './sentences.ts';
import './styles/server-away.css';

/** Says above every page that the server does not answer and how old the shown data is, until it answers again. */
export function ServerAway() {
  const readAt = useAway();
  return (
    <div className="away" role="status">
      {readAt !== undefined && (
        <p>
          <strong>Darkroom does not answer.</strong>{' '}
          {readAt > 0 ? `This page shows data from ${formatTime(readAt / 1_000)}.` : 'Is it running?'} It continues when
          the server is back.
        </p>
      )}
    </div>
  );
}

/** While the server is away: when the oldest shown data was read, or 0 for none. `undefined` while the server answers. */
function useAway(): number | undefined {
  const queries = useQueryClient();
  const subscribe = useCallback(
    (onChange: () => void) => queries.getQueryCache().subscribe(notifyManager.batchCalls(onChange)),
    [queries],
  );
  const readAt = useSyncExternalStore(subscribe, () => findAway(queries));
  const isServerAway = readAt !== undefined;
  useEffect(() => {
    // Also retries queries that do not poll, as after a lost network: their data is as old and must recover with the rest.
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
