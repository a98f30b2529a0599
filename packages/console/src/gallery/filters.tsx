import { requestStatuses } from '@darkroom/protocol';
import { useEffect, useEffectEvent, useId, useState } from 'react';
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
      <div className="filter text">
        <label className="field" htmlFor={`${id}-text`}>
          Prompt
        </label>
        <TextFilter id={`${id}-text`} text={text} onChange={(words) => change({ text: words })} />
      </div>
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

interface TextFilterProps {
  readonly id: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** The search starts this long after the last key press. */
const restMs = 300;

function TextFilter({ id, text, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState(text);
  const [seen, setSeen] = useState(text);
  const [told, setTold] = useState(text);
  if (text !== seen) {
    setSeen(text);
    // The text of the address may be older than what is being typed.
    if (text !== told) setTyped(text);
  }
  const tell = useEffectEvent((words: string) => {
    setTold(words);
    onChange(words);
  });
  useEffect(() => {
    const words = typed.trim();
    if (words === told) return;
    const rest = setTimeout(() => tell(words), restMs);
    return () => clearTimeout(rest);
  }, [typed, told]);
  return (
    <input
      id={id}
      type="search"
      placeholder="words in the prompt"
      maxLength={maxTextLength}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

interface DayFilterProps {
  readonly label: string;
  readonly day: string;
  readonly onChange: (day: string) => void;
}

function DayFilter({ label, day, onChange }: DayFilterProps) {
  const id = useId();
  return (
    <div className="filter">
      <label className="field" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        type="date"
        min="2000-01-01"
        max="2099-12-31"
        value={day}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
