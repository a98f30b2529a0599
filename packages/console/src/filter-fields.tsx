import { type ReactNode, useEffect, useEffectEvent, useId, useState } from 'react';
import './styles/filters.css';

interface TextFilterProps {
  readonly label: string;
  readonly placeholder: string;
  readonly maxLength: number;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** The search starts this long after the last key press. */
const restMs = 300;

/** A field whose text becomes a filter when the reader stops typing. */
export function TextFilter({ label, placeholder, maxLength, text, onChange }: TextFilterProps) {
  const id = useId();
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
    <FilterField {...{ id, label }} className="filter text">
      <input
        id={id}
        type="search"
        placeholder={placeholder}
        maxLength={maxLength}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </FilterField>
  );
}

interface DayFilterProps {
  readonly label: string;
  readonly day: string;
  readonly onChange: (day: string) => void;
}

export function DayFilter({ label, day, onChange }: DayFilterProps) {
  const id = useId();
  return (
    <FilterField {...{ id, label }}>
      <input
        id={id}
        type="date"
        min="2000-01-01"
        max="2099-12-31"
        value={day}
        onChange={(event) => onChange(event.target.value)}
      />
    </FilterField>
  );
}

interface SelectFilterProps {
  readonly label: string;
  /** What the choice of everything is called. */
  readonly all: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  /** Empty: everything. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SelectFilter({ label, all, options, value, onChange }: SelectFilterProps) {
  const id = useId();
  return (
    <FilterField {...{ id, label }}>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{all}</option>
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.text}
          </option>
        ))}
      </select>
    </FilterField>
  );
}

interface FilterFieldProps {
  /** Of the control inside. */
  readonly id: string;
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}

function FilterField({ id, label, className = 'filter', children }: FilterFieldProps) {
  return (
    <div className={className}>
      <label className="field" htmlFor={id}>
        {label}
      </label>
      {children}
    </div>
  );
}
