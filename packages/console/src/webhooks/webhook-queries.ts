import type { DeliveriesOptions, EndpointChanges, NewEndpoint } from '@darkroom/client';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useRefresh } from '../refresh.ts';
import { useDarkroom, useReading } from '../session.tsx';

/** The first element of every query key of webhooks. */
const webhooksKey = ['webhooks'];
const pollMs = 5_000;
const pageSize = 25;

export function useEndpoints() {
  const { darkroom } = useReading();
  return useQuery({
    queryKey: [...webhooksKey, 'endpoints'],
    queryFn: ({ signal }) => darkroom.webhooks.endpoints({ signal }),
    refetchInterval: pollMs,
  });
}

export type DeliveryFilter = Pick<DeliveriesOptions, 'status' | 'endpointId'>;

/** Newest first. */
export function useDeliveries(filter: DeliveryFilter) {
  const { darkroom } = useReading();
  return useInfiniteQuery({
    queryKey: [...webhooksKey, 'deliveries', filter],
    queryFn: ({ pageParam, signal }) =>
      darkroom.webhooks.deliveries(
        { ...filter, limit: pageSize, ...(pageParam !== undefined && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined as string | undefined, // the first page has no cursor
    getNextPageParam: ({ next_cursor }) => next_cursor,
    // A reader who loads more looks at the past, which does not change.
    refetchInterval: ({ state }) => state.data?.pages.length === 1 && pollMs,
  });
}

/** The changes to endpoints and deliveries. After each, they are read again. */
export function useWebhookChanges() {
  const { webhooks } = useDarkroom();
  const onSettled = useRefresh(webhooksKey);
  return {
    create: useMutation({ mutationFn: (endpoint: NewEndpoint) => webhooks.create(endpoint), onSettled }),
    update: useMutation({
      mutationFn: ({ id, ...changes }: EndpointChanges & { readonly id: string }) => webhooks.update(id, changes),
      onSettled,
    }),
    remove: useMutation({ mutationFn: (id: string) => webhooks.delete(id), onSettled }),
    test: useMutation({ mutationFn: (id: string) => webhooks.test(id), onSettled }),
    resend: useMutation({ mutationFn: (deliveryId: string) => webhooks.resend(deliveryId), onSettled }),
  };
}

/** The secret of an endpoint, or without an id that of the organization. It can be shown or replaced by a new one. */
export function useSecret(endpointId?: string) {
  const { webhooks } = useDarkroom();
  const refresh = useRefresh(webhooksKey);
  const showing = useMutation({ mutationFn: () => webhooks.secret(endpointId) });
  const rotating = useMutation({
    mutationFn: () => webhooks.rotateSecret(endpointId),
    onSuccess: refresh,
  });
  return {
    shown: rotating.data ?? showing.data,
    show: () => showing.mutate(),
    rotate: () => rotating.mutate(),
    hide: () => {
      showing.reset();
      rotating.reset();
    },
    isBusy: showing.isPending || rotating.isPending,
    error: showing.error ?? rotating.error,
  };
}
