import { useState } from 'react';

export interface CopyButtonProps {
  readonly text: string;
  /** What the button says. */
  readonly name: string;
}

/** Copies the text; where the browser keeps the clipboard from the page, shows it for copying by hand. */
export function CopyButton({ text, name }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      setState('refused');
    }
  };
  if (state === 'refused') {
    return (
      <input
        className="url"
        aria-label={name}
        readOnly
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
    );
  }
  return (
    <button type="button" className="button" onClick={() => void copy()} onBlur={() => setState('idle')}>
      <span aria-live="polite">{state === 'copied' ? 'Copied' : name}</span>
    </button>
  );
}
