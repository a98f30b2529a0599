import type { BudgetKey } from '@darkroom/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useRefresh } from '../refresh.ts';
import { useDarkroomAdmin, useReading } from '../session.tsx';

const queryKey = ['budgets'];
const pollMs = 30_000;

export function useBudgets() {
  const { admin } = useReading();
  return useQuery({ queryKey, queryFn: ({ signal }) => admin.budgets({ signal }), refetchInterval: pollMs });
}

/** Sets a budget or changes its limit. */
export function useSetBudget() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: ({ budget, limitUsd }: { readonly budget: BudgetKey; readonly limitUsd: number }) =>
      admin.setBudget(budget, limitUsd),
    onSuccess: refresh,
  });
}

export function useRemoveBudget() {
  const admin = useDarkroomAdmin();
  const refresh = useRefresh(queryKey);
  return useMutation({
    mutationFn: (budget: BudgetKey) => admin.removeBudget(budget),
    onSettled: refresh,
  });
}

/** Identifies a budget. */
export function toBudgetId({ scope, id, period }: BudgetKey): string {
  return `${scope} ${id} ${period}`;
}
