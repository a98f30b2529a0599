import { useState } from 'react';

/** Copies the URL; where the browser keeps the clipboard from the page, shows it for copying by hand. */
export function CopyUrl({ url }: { readonly url: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setState('copied');
    } catch {
      setState('refused');
    }
  };
  if (state === 'refused') {
    return (
      <input className="url" aria-label="URL" readOnly value={url} onFocus={(event) => event.currentTarget.select()} />
    );
  }
  return (
    <button type="button" className="button" onClick={() => void copy()} onBlur={() => setState('idle')}>
      <span aria-live="polite">{state === 'copied' ? 'Copied' : 'Copy URL'}</span>
    </button>
  );
}
