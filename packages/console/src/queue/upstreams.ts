import { useQuery } from '@tanstack/react-query';
import { useReading } from '../session.tsx';

export const upstreamsKey = ['upstreams'];

const pollMs = 2_000;

/** The state of each upstream for each model, for operators. */
export function useUpstreams() {
  const { admin } = useReading();
  return useQuery({
    queryKey: upstreamsKey,
    queryFn: ({ signal }) => admin.upstreams({ signal }),
    refetchInterval: pollMs,
  });
}
