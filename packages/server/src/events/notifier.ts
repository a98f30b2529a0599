import { createLocalHints } from '../store/local-hints.ts';
import type { Hint, Hints } from '../store/store.ts';

/**
 * Notifications. A notification is a hint: it may come twice, late or never. Losing one costs latency and nothing else,
 * because every listener also asks the store from time to time.
 */
export interface Notifier {
  /** Says that a request may be ready to be claimed. */
  hintQueued(): void;
  /** Calls `listener` on every such hint until the returned function is called. */
  onQueued(listener: () => void): () => void;
  /** Says that the history of requests has grown. */
  hintChanged(): void;
  /** Calls `listener` on every such hint until the returned function is called. */
  onChanged(listener: () => void): () => void;
}

/** Tells and hears hints as far as the store reaches. */
export function createNotifier({ hint, onHint }: Hints): Notifier {
  const listen = (news: Hint, listener: () => void) => onHint((heard) => void (heard === news && listener()));
  return {
    hintQueued: () => hint('queued'),
    onQueued: (listener) => listen('queued', listener),
    hintChanged: () => hint('changed'),
    onChanged: (listener) => listen('changed', listener),
  };
}

/** Within one process. */
export function createLocalNotifier(): Notifier {
  return createNotifier(createLocalHints());
}
