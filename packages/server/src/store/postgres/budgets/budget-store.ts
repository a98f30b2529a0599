import type { BudgetStore } from '../../budget-store.ts';
import type { Database } from '../database/database.ts';
import { listBudgets, removeBudget, setBudget } from './budgets.ts';
import { readUsage } from './usage.ts';

export function createBudgetStore(db: Database): BudgetStore {
  return {
    set: (budget, now) => db.transaction((session) => setBudget(session, budget, now)),
    remove: (budget) => db.transaction((session) => removeBudget(session, budget)),
    list: (query) => listBudgets(db, query),
    usage: (query) => readUsage(db, query),
  };
}
