import type { Pixels } from '@darkroom/protocol';

/** A picture that was uploaded in this tab. */
export interface KeptUpload {
  readonly url: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Unknown for formats that the browser cannot show. */
  readonly pixels?: Pixels;
}

const storageKey = 'darkroom.uploads';

/** The uploads of this tab, newest first, while it is open. Darkroom itself keeps no list of uploads. */
export function readUploads(): readonly KeptUpload[] {
  const text = sessionStorage.getItem(storageKey);
  return text === null ? [] : (JSON.parse(text) as KeptUpload[]); // `keepUploads` wrote it
}

export function keepUploads(uploads: readonly KeptUpload[]): void {
  sessionStorage.setItem(storageKey, JSON.stringify(uploads));
}

/** The next person who signs in starts with no uploads. */
export function forgetUploads(): void {
  sessionStorage.removeItem(storageKey);
}
