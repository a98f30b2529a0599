import type { BudgetRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { ConfirmButton } from '../confirm-button.tsx';
import { useKeys } from '../keys/api-keys.ts';
import { Meter } from '../meter.tsx';
import { OperatorsOnly } from '../operators-only.tsx';
import { Problem } from '../problem.tsx';
import { ReadState } from '../read-state.tsx';
import { toSentence } from '../sentences.ts';
import { BudgetForm } from './budget-form.tsx';
import { toBudgetId, useBudgets, useRemoveBudget } from './budget-queries.ts';

/** The budgets of keys and organizations, for operators. */
export function Budgets() {
  return (
    <section className="part" aria-labelledby="budgets">
      <h2 id="budgets" className="title">
        Budgets
      </h2>
      <OperatorsOnly what="Budgets are">
        <AllBudgets />
      </OperatorsOnly>
    </section>
  );
}

function AllBudgets() {
  const query = useBudgets();
  const { data } = query;
  const [changed, setChanged] = useState<BudgetRecord>();
  return (
    <>
      <ReadState of={query} />
      {data?.budgets.length === 0 && <p className="soft">No budgets: keys may spend without limit.</p>}
      <ul className="budgets">
        {data?.budgets.map((budget) => (
          <li key={toBudgetId(budget)} className="panel">
            <Budget budget={budget} onChange={() => setChanged(budget)} />
          </li>
        ))}
      </ul>
      <BudgetForm key={changed ? toBudgetId(changed) : 'new'} changed={changed} onDone={() => setChanged(undefined)} />
    </>
  );
}

interface BudgetProps {
  readonly budget: BudgetRecord;
  readonly onChange: () => void;
}

function Budget({ budget, onChange }: BudgetProps) {
  const removal = useRemoveBudget();
  const name = `${useOwnerName(budget)}, per ${budget.period}`;
  return (
    <>
      <Meter name={name} value={budget.used_usd} limit={budget.limit_usd} format={formatCents} />
      <div className="actions">
        <button type="button" onClick={onChange}>
          Change<span className="visually-hidden">{name}</span>
        </button>
        <ConfirmButton
          name="Remove"
          of={name}
          question="Remove this budget?"
          isBusy={removal.isPending}
          onConfirm={() => removal.mutate(budget)}
        >
          {name}: its spending will no longer be limited.
        </ConfirmButton>
      </div>
      {removal.error && <Problem>{toSentence(removal.error)}</Problem>}
    </>
  );
}

/** Shows a key by its name, if known. */
function useOwnerName({ scope, id }: BudgetRecord): string {
  const { data } = useKeys();
  if (scope === 'organization') return `Organization ${id}`;
  const key = data?.keys.find((one) => one.id === id);
  return key ? `Key ${key.name} (${id})` : `Key ${id}`;
}

function formatCents(dollars: number): string {
  return `$${dollars.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
