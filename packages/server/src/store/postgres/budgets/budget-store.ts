import type { BudgetStore } from '../../budget-store.ts';
import { budgetRemoved, budgetSet } from '../../decisions/deeds.ts';
import { notedWrite } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { listBudgets, lockBudget, removeBudget, setBudget } from './budgets.ts';
import { readUsage } from './usage.ts';

/*
 * Money: the budgets that a submit has to fit in, and the usage that organizations are shown. Triggers count both when requests
 * change (migration 004).
 */

export function createBudgetStore(db: Database): BudgetStore {
  return {
    set: (budget, now, by) =>
      notedWrite(db, by, {
        before: (session) => lockBudget(session, budget),
        write: (session) => setBudget(session, budget, now),
        toDeeds: (_nothing, before) => budgetSet(budget, before),
      }),
    remove: (budget, by) =>
      notedWrite(db, by, {
        before: (session) => lockBudget(session, budget),
        write: (session) => removeBudget(session, budget),
        toDeeds: budgetRemoved,
      }),
    list: (query) => listBudgets(db, query),
    usage: (query) => readUsage(db, query),
  };
}
