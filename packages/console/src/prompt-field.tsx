import { type KeyboardEvent, type RefObject, useId } from 'react';
import { Problem } from './problem.tsx';

export interface PromptFieldProps {
  readonly label: string;
  readonly prompt: string;
  /** The problem with the prompt, if any. */
  readonly problem: string | undefined;
  readonly onChange: (prompt: string) => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

export function PromptField({ label, prompt, problem, onChange, field }: PromptFieldProps) {
  const id = useId();
  return (
    <div className="prompt">
      <label className="field" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        ref={field}
        rows={4}
        required
        placeholder="A lighthouse by the sea at sunset, long exposure, soft light"
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        value={prompt}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={submitOnShortcut}
      />
      <Problem id={`${id}-problem`}>{problem}</Problem>
    </div>
  );
}

function submitOnShortcut(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
