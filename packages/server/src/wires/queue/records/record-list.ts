import { takeTurn } from '../../../platform/turns.ts';
import type { RequestPage } from '../../../store/request-store.ts';
import { toRecordChunks, type WireContext } from './wire.ts';

/** How many records are in memory at a time while a list is sent; fewer when they are large, as the store says. */
const chunk = 25;

type Page = Omit<RequestPage, 'total'>;

interface RecordPages<P extends Page> {
  /** How many records at most. */
  readonly limit: number;
  /** A search may look through so much in a call, and has done when a page has less than it may have. */
  readonly isSearch: boolean;
  /** Reads the page after `cursor`, or the first one. */
  readonly read: (limit: number, cursor: string | undefined) => Promise<P>;
}

/** A list of which the first page is read: a failing store is still an error of its own. */
export interface OpenedList<P extends Page> extends RecordPages<P> {
  readonly first: P;
}

export async function openList<P extends Page>(pages: RecordPages<P>): Promise<OpenedList<P>> {
  return { ...pages, first: await pages.read(Math.min(pages.limit, chunk), undefined) };
}

/**
 * The answer to a list, page after page, so that its size does not become memory, and each in a turn of the event loop of
 * its own: where a queued request stands takes some 100 µs to count. `facts`: further keys, between the
 * records and `has_more`.
 */
export async function* toListJson<P extends Page>(
  { limit, isSearch, read, first }: OpenedList<P>,
  { facts, ...context }: WireContext & { readonly facts: Readonly<Record<string, unknown>> },
): AsyncGenerator<string> {
  let page: Page = first;
  let sent = 0;
  yield '{"requests":[';
  for (;;) {
    await takeTurn();
    for (const request of page.requests) {
      if (sent > 0) yield ',';
      yield* toRecordChunks(request, context);
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
