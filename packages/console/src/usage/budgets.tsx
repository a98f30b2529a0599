import type { BudgetRecord } from '@darkroom/protocol';
import { useQuery } from '@tanstack/react-query';
import { Meter } from '../meter.tsx';
import { useUpstreams } from '../queue/upstreams.ts';
import { toSentence, useDarkroomAdmin } from '../session.tsx';

/** What keys and organizations may spend, for operators. */
export function Budgets() {
  const { isAdmin, isRefused } = useUpstreams();
  return (
    <section className="part" aria-labelledby="budgets">
      <h2 id="budgets" className="title">
        Budgets
      </h2>
      {isRefused && <p className="soft">Budgets are the operator’s: sign in with an admin key to see them.</p>}
      {isAdmin && <BudgetList />}
    </section>
  );
}

function BudgetList() {
  const admin = useDarkroomAdmin();
  const { data, error } = useQuery({ queryKey: ['budgets'], queryFn: ({ signal }) => admin.budgets({ signal }) });
  if (error) return <p className="problem">{toSentence(error)}</p>;
  if (data?.budgets.length === 0)
    return (
      <p className="soft">
        None: keys may spend without limit. <code>npx darkroom budgets --help</code> says how to set one.
      </p>
    );
  return (
    <ul className="budgets">
      {data?.budgets.map((budget) => (
        <li key={`${budget.scope} ${budget.id} ${budget.period}`} className="panel">
          <Meter name={toName(budget)} value={budget.used_usd} limit={budget.limit_usd} format={formatCents} />
        </li>
      ))}
    </ul>
  );
}

function toName({ scope, id, period }: BudgetRecord): string {
  return `${scope === 'key' ? 'Key' : 'Organization'} ${id}, a ${period}`;
}

function formatCents(dollars: number): string {
  return `$${dollars.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
