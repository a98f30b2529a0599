import { useId } from 'react';
import { useModels } from './models.ts';

export interface ModelFieldProps {
  readonly model: string;
  readonly onChange: (model: string) => void;
}

export function ModelField({ model, onChange }: ModelFieldProps) {
  const id = useId();
  return (
    <div className="model-field">
      <label className="field" htmlFor={id}>
        Model
      </label>
      <select id={id} value={model} onChange={(event) => onChange(event.target.value)}>
        {useModels().map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </div>
  );
}
