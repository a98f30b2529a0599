import { type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { isDay, toMidnight } from '../days.ts';

/** Which requests the gallery shows. */
export interface GalleryFilters {
  readonly model?: string;
  readonly status?: RequestStatus;
  /** A text that the prompt contains. */
  readonly text?: string;
  /** The first day, `YYYY-MM-DD` in the reader's time zone. */
  readonly from?: string;
  /** The last day, inclusive. */
  readonly to?: string;
}

/** The search parameters of the gallery's address. */
export interface GallerySearch extends GalleryFilters {
  /** The request whose details are open. */
  readonly request?: string;
}

/** Reads an address. Anything that is not a filter is left out. */
export function toGallerySearch(search: Record<string, unknown>): GallerySearch {
  const { model, status, text, from, to, request } = search;
  const known = requestStatuses.find((one) => one === status);
  // The router reads `text=123` as a number.
  const words = typeof text === 'number' ? String(text) : text;
  return {
    ...(typeof model === 'string' && model !== '' && { model }),
    ...(known && { status: known }),
    ...(typeof words === 'string' && words !== '' && { text: words.slice(0, maxTextLength) }),
    ...(isDay(from) && { from }),
    ...(isDay(to) && { to }),
    ...(typeof request === 'string' && { request }),
  };
}

/** The longest text that the server can search for. */
export const maxTextLength = 200;

/** The bounds of the days, in Unix seconds: midnights in the reader's time zone. */
export function toBounds({ from, to }: GalleryFilters): { createdFrom?: number; createdBefore?: number } {
  return {
    ...(from !== undefined && { createdFrom: toMidnight(from) }),
    ...(to !== undefined && { createdBefore: toMidnight(to, 1) }),
  };
}
