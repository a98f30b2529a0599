import type { ImageRequest } from '../core/image-request.ts';
import { takeTurn } from '../platform/turns.ts';
import type { RequestPage } from '../store/request-store.ts';

/** How many records are in memory at a time while a list is sent; fewer when they are large, as the store says. */
const chunk = 25;

type Page = Omit<RequestPage, 'total'>;

interface RecordPages<P extends Page> {
  /** How many records at most. */
  readonly limit: number;
  /** A search reads a bounded number of requests in one call, and ends when a page has less than it may have. */
  readonly isSearch: boolean;
  /** Reads the page after `cursor`, or the first one. */
  readonly read: (limit: number, cursor: string | undefined) => Promise<P>;
}

/** A list whose first page has been read: a store that fails is still an error, with its status. */
export interface OpenedList<P extends Page> extends RecordPages<P> {
  readonly first: P;
}

export async function openList<P extends Page>(pages: RecordPages<P>): Promise<OpenedList<P>> {
  return { ...pages, first: await pages.read(Math.min(pages.limit, chunk), undefined) };
}

/** The JSON text of a request's record, in pieces. */
export type ToRecordChunks = (request: ImageRequest) => AsyncIterable<string>;

interface ListWords {
  readonly toChunks: ToRecordChunks;
  /** Further keys, between the records and `has_more`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * The answer to a list, page by page, so that memory does not grow with its size. Each page has its own turn of the event loop:
 * finding the position of a queued request takes some 100 µs.
 */
export async function* toListJson<P extends Page>(
  { limit, isSearch, read, first }: OpenedList<P>,
  { toChunks, facts }: ListWords,
): AsyncGenerator<string> {
  let page: Page = first;
  let sent = 0;
  yield '{"requests":[';
  for (;;) {
    await takeTurn();
    for (const request of page.requests) {
      if (sent > 0) yield ',';
      yield* toChunks(request);
      sent += 1;
    }
    const isOver = isSearch && page.requests.length < chunk;
    if (page.nextCursor === undefined || sent >= limit || isOver) break;
    page = await read(Math.min(limit - sent, chunk), page.nextCursor);
  }
  const { nextCursor } = page;
  const tail = {
    ...facts,
    has_more: nextCursor !== undefined,
    ...(nextCursor !== undefined && { next_cursor: nextCursor }),
  };
  yield `],${JSON.stringify(tail).slice(1)}`;
}
