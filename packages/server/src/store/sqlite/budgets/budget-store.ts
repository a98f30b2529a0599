import type { DatabaseSync } from 'node:sqlite';
import type { BudgetStore } from '../../budget-store.ts';
import { budgetRemoved, budgetSet } from '../../decisions/deeds.ts';
import { prepareNotedWrite } from '../audit/audit.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareFindBudget, prepareListBudgets, prepareRemoveBudget, prepareSetBudget } from './budgets.ts';
import { prepareReadUsage } from './usage.ts';

/*
 * Money: the budgets that a submit has to fit in, and the usage that organizations are shown. Triggers count both when requests
 * change (migration 004).
 */

export function createBudgetStore(
  db: DatabaseSync,
  { commits, reads }: { readonly commits: GroupCommit; readonly reads: ReadTurn },
): BudgetStore {
  const set = prepareSetBudget(db);
  const remove = prepareRemoveBudget(db);
  const list = prepareListBudgets(reads.db);
  const usage = prepareReadUsage(reads.db);
  const find = prepareFindBudget(db);
  const write = prepareNotedWrite(db, commits);
  return {
    set: (budget, now, by) =>
      write(by, {
        before: () => find(budget),
        write: () => set(budget, now),
        toDeeds: (_nothing, before) => budgetSet(budget, before),
      }),
    remove: (budget, by) =>
      write(by, { before: () => find(budget), write: () => remove(budget), toDeeds: budgetRemoved }),
    list: async (query) => reads.read(() => list(query)),
    usage: async (query) => reads.read(() => usage(query)),
  };
}
