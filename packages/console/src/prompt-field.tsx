import { type KeyboardEvent, type RefObject, useId } from 'react';

export interface PromptFieldProps {
  readonly label: string;
  readonly prompt: string;
  readonly onChange: (prompt: string) => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

export function PromptField({ label, prompt, onChange, field }: PromptFieldProps) {
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
        aria-keyshortcuts="Control+Enter Meta+Enter"
        value={prompt}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={submitOnShortcut}
      />
    </div>
  );
}

function submitOnShortcut(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
