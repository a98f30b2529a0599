import type { Me } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { useReading } from './session.tsx';

/** This poll also lets pages that do not poll notice when the server is unreachable. */
const pulseMs = 10_000;

/** The signed-in key and the server. */
export function useMeQuery() {
  const { darkroom } = useReading();
  return useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => darkroom.me({ signal }),
    staleTime: pulseMs,
    refetchInterval: pulseMs,
  });
}

/** `undefined` until it has been read. */
export function useMe(): Me | undefined {
  return useMeQuery().data;
}
