import { requestStatuses } from '@darkroom/protocol';
import { DayFilter, SelectFilter, TextFilter } from '../filter-fields.tsx';
import { useModels } from '../models.ts';
import { statusWords } from '../record-facts.ts';
import { type GalleryFilters, maxTextLength, toGallerySearch } from './gallery-search.ts';

export interface FiltersProps {
  readonly filters: GalleryFilters;
  readonly onChange: (filters: GalleryFilters) => void;
}

/** The filters of the gallery. They are also part of the address. */
export function Filters({ filters, onChange }: FiltersProps) {
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
      <SelectFilter
        label="Status"
        all="All"
        options={requestStatuses.map((one) => ({ value: one, text: statusWords[one] }))}
        value={status}
        onChange={(one) => change({ status: one })}
      />
      <SelectFilter
        label="Model"
        all="All"
        options={models.map((one) => ({ value: one, text: one }))}
        value={model}
        onChange={(one) => change({ model: one })}
      />
      <DayFilter label="From" day={from} onChange={(day) => change({ from: day })} />
      <DayFilter label="To" day={to} onChange={(day) => change({ to: day })} />
    </search>
  );
}
