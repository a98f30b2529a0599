import { EventEmitter } from 'node:events';

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

/** Hints within one process. */
export function createLocalNotifier(): Notifier {
  const emitter = new EventEmitter();
  const listen = (news: 'queued' | 'changed', listener: () => void) => {
    emitter.on(news, listener);
    return () => void emitter.off(news, listener);
  };
  return {
    hintQueued: () => void emitter.emit('queued'),
    onQueued: (listener) => listen('queued', listener),
    hintChanged: () => void emitter.emit('changed'),
    onChanged: (listener) => listen('changed', listener),
  };
}
