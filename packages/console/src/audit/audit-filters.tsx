import { auditActions } from '@darkroom/protocol';
import { DayFilter, SelectFilter, TextFilter } from '../filter-fields.tsx';
import { type AuditSearch, maxIdLength, toAuditSearch } from './audit-search.ts';

export interface AuditFiltersProps {
  readonly search: AuditSearch;
  readonly onChange: (search: AuditSearch) => void;
}

/** The filters of the audit log. They are also part of the address. */
export function AuditFilters({ search, onChange }: AuditFiltersProps) {
  const { by = '', action = '', target = '', organization = '', from = '', to = '' } = search;
  // An empty field is not a filter, as in the address.
  const change = (changed: Partial<Record<keyof AuditSearch, string>>) =>
    onChange(toAuditSearch({ ...search, ...changed }));
  return (
    <search className="filters many">
      <TextFilter
        label="Who"
        placeholder="id of a key or person"
        maxLength={maxIdLength}
        text={by}
        onChange={(one) => change({ by: one })}
      />
      <SelectFilter
        label="What"
        all="Everything"
        options={Object.keys(auditActions).map((one) => ({ value: one, text: one }))}
        value={action}
        onChange={(one) => change({ action: one })}
      />
      <TextFilter
        label="To what"
        placeholder="id of what was changed"
        maxLength={maxIdLength}
        text={target}
        onChange={(one) => change({ target: one })}
      />
      <TextFilter
        label="Organization"
        placeholder="id of an organization"
        maxLength={maxIdLength}
        text={organization}
        onChange={(one) => change({ organization: one })}
      />
      <DayFilter label="From" day={from} onChange={(day) => change({ from: day })} />
      <DayFilter label="To" day={to} onChange={(day) => change({ to: day })} />
    </search>
  );
}
