import type { Pixels } from '@darkroom/protocol';

/** A picture that was uploaded in this tab. */
export interface KeptUpload {
  readonly url: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Unknown for kinds that the browser cannot show. */
  readonly pixels?: Pixels;
}

const storageKey = 'darkroom.uploads';

/** Newest first, as long as the tab is open: Darkroom itself keeps no list of what was uploaded. */
export function readUploads(): readonly KeptUpload[] {
  const text = sessionStorage.getItem(storageKey);
  return text === null ? [] : (JSON.parse(text) as KeptUpload[]); // `keepUploads` wrote it
}

export function keepUploads(uploads: readonly KeptUpload[]): void {
  sessionStorage.setItem(storageKey, JSON.stringify(uploads));
}

/** The next who signs in starts with none. */
export function forgetUploads(): void {
  sessionStorage.removeItem(storageKey);
}
