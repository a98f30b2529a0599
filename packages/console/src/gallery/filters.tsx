import { requestStatuses } from '@darkroom/protocol';
import { useId } from 'react';
import { DayFilter, TextFilter } from '../filter-fields.tsx';
import { useModels } from '../models.ts';
import { statusWords } from '../record-facts.ts';
import { type GalleryFilters, maxTextLength, toGallerySearch } from './gallery-search.ts';

export interface FiltersProps {
  readonly filters: GalleryFilters;
  readonly onChange: (filters: GalleryFilters) => void;
}

/** The filters of the gallery. They are also part of the address. */
export function Filters({ filters, onChange }: FiltersProps) {
  const id = useId();
  const models = useModels();
  const { model = '', status = '', text = '', from = '', to = '' } = filters;
  // An empty field is not a filter, as in the address.
  const change = (changed: Partial<Record<keyof GalleryFilters, string>>) =>
    onChange(toGallerySearch({ ...filters, ...changed }));
  return (
    <search className="filters">
      <TextFilter
        label="Prompt"
        placeholder="words in the prompt"
        maxLength={maxTextLength}
        text={text}
        onChange={(words) => change({ text: words })}
      />
      <div className="filter">
        <label className="field" htmlFor={`${id}-status`}>
          Status
        </label>
        <select id={`${id}-status`} value={status} onChange={(event) => change({ status: event.target.value })}>
          <option value="">All</option>
          {requestStatuses.map((one) => (
            <option key={one} value={one}>
              {statusWords[one]}
            </option>
          ))}
        </select>
      </div>
      <div className="filter">
        <label className="field" htmlFor={`${id}-model`}>
          Model
        </label>
        <select id={`${id}-model`} value={model} onChange={(event) => change({ model: event.target.value })}>
          <option value="">All</option>
          {models.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </div>
      <DayFilter label="From" day={from} onChange={(day) => change({ from: day })} />
      <DayFilter label="To" day={to} onChange={(day) => change({ to: day })} />
    </search>
  );
}
