import { useState } from 'react';

export interface CopyButtonProps {
  readonly text: string;
  /** The text of the button. */
  readonly name: string;
}

/** Copies a text. If the browser denies access to the clipboard, the text is shown for copying by hand. */
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
