import { type ReactNode, useId } from 'react';

export interface ChoiceProps<T extends string | number> {
  readonly legend: string;
  /** Shown beside the legend. */
  readonly note?: string;
  readonly options: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly className?: string;
  /** How an option is shown. Its text is its accessible name. */
  readonly children: (option: T) => ReactNode;
}

/** A choice of one option, as radio buttons that look like keys. */
export function Choice<T extends string | number>(props: ChoiceProps<T>) {
  const { legend, note, options, value, onChange, className = '', children } = props;
  const name = useId();
  return (
    <fieldset className={`choice ${className}`}>
      <legend className="field">
        {legend}
        {note !== undefined && <output className="note">{note}</output>}
      </legend>
      <div className="options">
        {options.map((option) => (
          <label key={option}>
            <input type="radio" name={name} checked={option === value} onChange={() => onChange(option)} />
            <span>{children(option)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
