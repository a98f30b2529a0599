import type { BudgetKey } from '@darkroom/client';
import type { BudgetRecord } from '@darkroom/protocol';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { toDollarCell } from './cells.ts';
import { addConnectionOptions, withConnection } from './connect.ts';
import { toTable } from './table.ts';

const headings = ['SCOPE', 'ID', 'PERIOD', 'LIMIT', 'USED'];

export function registerBudgets(program: Command): void {
  const budgets = program
    .command('budgets')
    .description('Show and set what keys and organizations may spend in a day or a month. Takes an admin key.');
  registerList(budgets.command('list'));
  registerSet(budgets.command('set'));
  registerRemove(budgets.command('remove'));
}

function registerList(command: Command): void {
  command.description('List the budgets and how much of each is used.').option('--json', 'Print JSON.');
  addConnectionOptions(command).action(({ json }: { readonly json?: true }) =>
    withConnection(command, async ({ admin }) => {
      const { budgets } = await admin.budgets();
      console.log(json ? JSON.stringify(budgets, null, 2) : toTable(headings, budgets.map(toRow)));
    }),
  );
}

function registerSet(command: Command): void {
  addBudgetKey(command.description('Set a budget, or change its limit.')).argument(
    '<dollars>',
    'The limit.',
    toDollars,
  );
  addConnectionOptions(command).action(
    (scope: BudgetKey['scope'], id: string, period: BudgetKey['period'], dollars: number) =>
      withConnection(command, async ({ admin }) => {
        console.log(toTable(headings, [toRow(await admin.setBudget({ scope, id, period }, dollars))]));
      }),
  );
}

function registerRemove(command: Command): void {
  addBudgetKey(command.description('Remove a budget.'));
  addConnectionOptions(command).action((scope: BudgetKey['scope'], id: string, period: BudgetKey['period']) =>
    withConnection(command, async ({ admin }) => {
      await admin.removeBudget({ scope, id, period });
      console.log(`Removed the budget of ${scope} ${id} for a ${period}.`);
    }),
  );
}

function addBudgetKey(command: Command): Command {
  return command
    .addArgument(
      new Argument('<scope>', 'Whether the budget is for a key or an organization.').choices(['key', 'organization']),
    )
    .argument('<id>', 'The id of the key or the organization.')
    .addArgument(new Argument('<period>', 'The period of the budget, in UTC.').choices(['day', 'month']));
}

function toRow({ scope, id, period, limit_usd, used_usd }: BudgetRecord): string[] {
  return [scope, id, period, toDollarCell(limit_usd), toDollarCell(used_usd)];
}

function toDollars(text: string): number {
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of dollars, e.g. 25 or 0.5.');
}
