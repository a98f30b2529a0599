import { useQuery } from '@tanstack/react-query';
import { defaultModel } from './default-model.ts';
import { useReading } from './session.tsx';

/** The ids of what can be asked. */
export function useModels(): readonly string[] {
  const { darkroom } = useReading();
  const { data } = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => darkroom.models({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.model_ids ?? [defaultModel];
}

/** The model's prices, in its own words; `undefined` until they are known. */
export function usePricingDetails(model: string): string | undefined {
  const { darkroom } = useReading();
  const { data } = useQuery({
    queryKey: ['model', model],
    queryFn: ({ signal }) => darkroom.model(model, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.pricing_details;
}
