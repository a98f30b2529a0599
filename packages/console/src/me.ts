import type { Me } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { useReading } from './session.tsx';

/** Who is signed in, and where; `undefined` until it is known. */
export function useMe(): Me | undefined {
  const { darkroom } = useReading();
  const { data } = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => darkroom.me({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
