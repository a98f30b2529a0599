import type { FormEvent, ReactNode } from 'react';
import { Problem } from './problem.tsx';

interface SettingsFormProps {
  /** Names the form where no heading does. */
  readonly label?: string;
  readonly children: ReactNode;
  readonly submitName: string;
  readonly isBusy: boolean;
  /** What is wrong, in a sentence. Empty while nothing is. */
  readonly problem: ReactNode;
  readonly onSubmit: () => void;
  /** Only where something that exists is changed. */
  readonly onCancel?: (() => void) | undefined;
}

/** The fields of a setting, with a button that saves them. */
export function SettingsForm({ label, children, submitName, isBusy, problem, onSubmit, onCancel }: SettingsFormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) onSubmit();
  };
  return (
    <form className="settings-form wide panel" aria-label={label} onSubmit={submit}>
      {children}
      <div className="actions">
        <button type="submit" className="primary" aria-disabled={isBusy}>
          {submitName}
        </button>
        {onCancel && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
      <Problem>{problem}</Problem>
    </form>
  );
}
