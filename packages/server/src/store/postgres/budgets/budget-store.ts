import type { BudgetStore } from '../../budget-store.ts';
import type { Database } from '../database/database.ts';
import { listBudgets, removeBudget, setBudget } from './budgets.ts';
import { readUsage } from './usage.ts';

/*
 * Money: the budgets that a submit has to fit in, and the usage that organizations are shown. Triggers count both when requests
 * change (migration 004).
 */

export function createBudgetStore(db: Database): BudgetStore {
  return {
    set: (budget, now) => db.transaction((session) => setBudget(session, budget, now)),
    remove: (budget) => db.transaction((session) => removeBudget(session, budget)),
    list: (query) => listBudgets(db, query),
    usage: (query) => readUsage(db, query),
  };
}
