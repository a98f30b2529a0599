const storageKey = 'darkroom.apiKey';

/** The key of the last sign-in on this browser. */
export function readApiKey(): string | undefined {
  return localStorage.getItem(storageKey) ?? undefined;
}

export function keepApiKey(apiKey: string): void {
  localStorage.setItem(storageKey, apiKey);
}

export function forgetApiKey(): void {
  localStorage.removeItem(storageKey);
}
