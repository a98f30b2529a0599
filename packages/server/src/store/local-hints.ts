import type { Hint, Hints } from './store.ts';

/** Hints within one process. */
export function createLocalHints(): Hints {
  const listeners = new Set<(hint: Hint) => void>();
  return {
    onHint: (listener) => {
      // A separate function, so that a listener that is added twice is called twice.
      const own = (hint: Hint) => listener(hint);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    hint: (hint) => {
      for (const listener of [...listeners]) listener(hint);
    },
  };
}
