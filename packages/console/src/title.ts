import { useEffect } from 'react';

/** What the browser's tab says before the name of the program. */
export function useTitle(words: string | undefined): void {
  useEffect(() => {
    document.title = words === undefined ? 'Darkroom' : `${words} · Darkroom`;
    return () => {
      document.title = 'Darkroom';
    };
  }, [words]);
}
