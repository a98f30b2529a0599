import type { ImageRequest } from '../../core/image-request.ts';
import { foldCase, toSearchedText } from '../../core/searched-text.ts';
import { takeTurn } from '../../platform/turns.ts';
import type { ListQuery, RequestPage } from '../request-store.ts';

/** A list with every filter but the text. */
type List = (query: Omit<ListQuery, 'text'>) => Promise<RequestPage>;

/** A call searches at most this many requests for a text, and fewer when their payloads are large. */
export const maxLookedAt = 2_000;
const maxCharacters = 8_000_000;

/** How many requests are in memory at a time. */
const chunk = 100;

/**
 * The same list with the filter by text: it walks the requests that match all other filters and keeps those that contain the text.
 * No index helps, so the walk is bounded instead. Both stores search with this code, and so by the same rule.
 */
export function filterByText(list: List): (query: ListQuery) => Promise<RequestPage> {
  return async ({ text, ...query }) => (text === undefined ? list(query) : lookThrough(list, { ...query, text }));
}

async function lookThrough(list: List, query: ListQuery & { readonly text: string }): Promise<RequestPage> {
  const { text, limit, ...filters } = query;
  const search = new Search(text, limit);
  for (let rest = filters; ; ) {
    const page = await list({ ...rest, limit: chunk });
    const cursor = search.look(page);
    if (cursor === undefined || search.isOver) return { requests: search.found, total: page.total, nextCursor: cursor };
    rest = { ...filters, offset: 0, cursor };
    // SQLite answers at once: without a pause nothing else would run during the search.
    await takeTurn();
  }
}

class Search {
  readonly #text: string;
  readonly #limit: number;
  readonly #found: ImageRequest[] = [];
  #lookedAt = 0;
  #characters = 0;

  constructor(text: string, limit: number) {
    this.#text = foldCase(text);
    this.#limit = limit;
  }

  get found(): readonly ImageRequest[] {
    return this.#found;
  }

  get isOver(): boolean {
    return this.#found.length === this.#limit || this.#lookedAt >= maxLookedAt || this.#characters >= maxCharacters;
  }

  /** Searches the page until the search is over. Returns where to go on, or `undefined` when there is no more to search. */
  look({ requests, nextCursor }: RequestPage): string | undefined {
    for (const [index, request] of requests.entries()) {
      this.#lookedAt += 1;
      this.#characters += request.payload.length;
      if (foldCase(toSearchedText(request.payload)).includes(this.#text)) this.#found.push(request);
      if (this.isOver && index < requests.length - 1) return request.id;
    }
    return nextCursor;
  }
}
