import { type QueryKey, useQueryClient } from '@tanstack/react-query';

/** A function that has what was read under this key read again. */
export function useRefresh(queryKey: QueryKey): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey });
}
