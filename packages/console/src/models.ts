import type { ModelDetail } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { defaultModel } from './default-model.ts';
import { useReading } from './session.tsx';

/** The ids of the models that a request can name. */
export function useModels(): readonly string[] {
  return useList()?.model_ids ?? [defaultModel];
}

/** `undefined` until it is known, and for a model that is no longer offered. */
export function useModelDetail(model: string): ModelDetail | undefined {
  return useList()?.models.find((one) => one.model === model);
}

function useList() {
  const { darkroom } = useReading();
  const { data } = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => darkroom.models({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
