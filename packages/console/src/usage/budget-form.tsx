import type { BudgetKey } from '@darkroom/client';
import type { BudgetRecord, KeyRecord } from '@darkroom/protocol';
import { type FormEvent, useId, useState } from 'react';
import { Choice } from '../choice.tsx';
import { useKeys } from '../keys/api-keys.ts';
import { Problem } from '../problem.tsx';
import { toSentence } from '../sentences.ts';
import { TextField } from '../text-field.tsx';
import { useSetBudget } from './budget-queries.ts';
import '../styles/settings.css';

export interface BudgetFormProps {
  /** The budget whose limit is changed; `undefined` for a new one. */
  readonly changed: BudgetRecord | undefined;
  readonly onDone: () => void;
}

export function BudgetForm({ changed, onDone }: BudgetFormProps) {
  const [owner, setOwner] = useState<Owner>(changed ?? { scope: 'organization', id: '' });
  const [period, setPeriod] = useState(changed?.period ?? 'month');
  const [limit, setLimit] = useState(changed ? String(changed.limit_usd) : '');
  const setting = useSetBudget();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (setting.isPending) return;
    const budget = { scope: owner.scope, id: owner.id, period };
    setting.mutate(
      { budget, limitUsd: Number(limit) },
      {
        onSuccess: () => {
          setLimit('');
          onDone();
        },
      },
    );
  };
  return (
    <form className="settings-form panel" onSubmit={submit} aria-label={changed ? 'Change a budget' : 'Set a budget'}>
      <OwnerField owner={owner} onChange={setOwner} />
      <Choice legend="Per" options={['day', 'month'] as const} value={period} onChange={setPeriod}>
        {(option) => option}
      </Choice>
      <TextField
        label="Dollars"
        type="number"
        min={0}
        max={1_000_000_000}
        step="any"
        required
        autoFocus={changed !== undefined}
        value={limit}
        onChange={setLimit}
      />
      <Buttons isChange={changed !== undefined} isBusy={setting.isPending} onLeave={onDone} />
      <Problem>{setting.error && toSentence(setting.error)}</Problem>
    </form>
  );
}

interface ButtonsProps {
  readonly isChange: boolean;
  readonly isBusy: boolean;
  readonly onLeave: () => void;
}

function Buttons({ isChange, isBusy, onLeave }: ButtonsProps) {
  return (
    <div className="actions end">
      <button type="submit" className="primary" aria-disabled={isBusy}>
        {isChange ? 'Change budget' : 'Set budget'}
      </button>
      {isChange && (
        <button type="button" onClick={onLeave}>
          Cancel
        </button>
      )}
    </div>
  );
}

type Owner = Pick<BudgetKey, 'scope' | 'id'>;

interface OwnerFieldProps {
  readonly owner: Owner;
  readonly onChange: (owner: Owner) => void;
}

/** The owner of the budget: one of the active keys or of their organizations. */
function OwnerField({ owner, onChange }: OwnerFieldProps) {
  const id = useId();
  const { data } = useKeys();
  const owners = [owner, ...toOwners(data?.keys ?? [])].filter((one) => one.id !== '');
  const options = [...new Map(owners.map((one) => [toValue(one), one])).values()];
  const choose = (value: string) => {
    const chosen = options.find((one) => toValue(one) === value);
    if (chosen) onChange(chosen);
  };
  const toLabel = (one: Owner) => data?.keys.find((key) => one.scope === 'key' && key.id === one.id)?.name ?? one.id;
  return (
    <div className="text-field">
      <label className="field" htmlFor={id}>
        For
      </label>
      <select
        id={id}
        required
        value={owner.id === '' ? '' : toValue(owner)}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">Choose…</option>
        {scopes.map(({ scope, name }) => (
          <optgroup key={scope} label={name}>
            {options
              .filter((one) => one.scope === scope)
              .map((one) => (
                <option key={toValue(one)} value={toValue(one)}>
                  {toLabel(one)}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}

const scopes = [
  { scope: 'organization', name: 'Organizations' },
  { scope: 'key', name: 'Keys' },
] as const;

function toOwners(keys: readonly KeyRecord[]): readonly Owner[] {
  const used = keys.filter((key) => key.revoked_at === null);
  return [
    ...used.flatMap((key) => key.organization_ids.map((id) => ({ scope: 'organization', id }) as const)),
    ...used.map(({ id }) => ({ scope: 'key', id }) as const),
  ];
}

function toValue({ scope, id }: Owner): string {
  return `${scope} ${id}`;
}
