import type { Me } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { useReading } from './session.tsx';

/** Also pages that read nothing by the clock notice so when the server is away. */
const pulseMs = 10_000;

/** Who is signed in, and where. */
export function useMeQuery() {
  const { darkroom } = useReading();
  return useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => darkroom.me({ signal }),
    staleTime: pulseMs,
    refetchInterval: pulseMs,
  });
}

/** `undefined` until it is known. */
export function useMe(): Me | undefined {
  return useMeQuery().data;
}
