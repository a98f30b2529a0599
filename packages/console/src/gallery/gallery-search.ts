import type { RequestStatus } from '@darkroom/protocol';

/** What the gallery's address says. */
export interface GallerySearch {
  readonly model?: string;
  readonly status?: RequestStatus;
  /** The request whose details are open. */
  readonly request?: string;
}
