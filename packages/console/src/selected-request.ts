import { useSyncExternalStore } from 'react';

/** The id of the request that is shown. It stands in the address, so that reload, back and bookmarks keep it. */
export function useSelectedRequest(): string | undefined {
  return useSyncExternalStore(subscribe, read);
}

export function selectRequest(id: string): void {
  window.location.hash = toRequestLink(id);
}

export function toRequestLink(id: string): string {
  return `#${id}`;
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

function read(): string | undefined {
  const hash = window.location.hash.slice(1);
  return hash === '' ? undefined : hash;
}
