import { useEffect } from 'react';

/** Sets the title of the browser tab: these words, then the name of the program. */
export function useTitle(words: string | undefined): void {
  useEffect(() => {
    document.title = words === undefined ? 'Darkroom' : `${words} · Darkroom`;
    return () => {
      document.title = 'Darkroom';
    };
  }, [words]);
}
