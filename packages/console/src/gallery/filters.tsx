import { requestStatuses } from '@darkroom/protocol';
import { useId } from 'react';
import { useModels } from '../models.ts';
import { statusWords } from '../record-facts.ts';
import type { GallerySearch } from './gallery-search.ts';

export interface FiltersProps {
  readonly search: GallerySearch;
  readonly onChange: (search: GallerySearch) => void;
}

/** Which requests are shown; the address says it too. */
export function Filters({ search, onChange }: FiltersProps) {
  const id = useId();
  const models = useModels();
  const { model, status } = search;

  const chooseStatus = (word: string) => {
    const chosen = requestStatuses.find((one) => one === word);
    onChange({ ...(model !== undefined && { model }), ...(chosen && { status: chosen }) });
  };
  const chooseModel = (name: string) => onChange({ ...(status && { status }), ...(name !== '' && { model: name }) });
  return (
    <search className="filters">
      <label className="field" htmlFor={`${id}-status`}>
        Status
      </label>
      <select id={`${id}-status`} value={status ?? ''} onChange={(event) => chooseStatus(event.target.value)}>
        <option value="">All</option>
        {requestStatuses.map((one) => (
          <option key={one} value={one}>
            {statusWords[one]}
          </option>
        ))}
      </select>
      <label className="field" htmlFor={`${id}-model`}>
        Model
      </label>
      <select id={`${id}-model`} value={model ?? ''} onChange={(event) => chooseModel(event.target.value)}>
        <option value="">All</option>
        {models.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </search>
  );
}
