import { isMoment, type RequestEvent } from '../../core/request-events.ts';
import type { Logger } from '../../platform/logger.ts';
import type { EventStore } from '../event-store.ts';

/** An event as both stores have it. */
export interface EventRow {
  readonly seq: number;
  readonly request_id: string;
  readonly organization_id: string;
  readonly at: number;
  /** The JSON of a `RequestMoment`. */
  readonly moment: string;
}

interface Piece {
  readonly after: number;
  readonly limit: number;
}

/** A history whose rows have not been checked. */
export interface EventRowStore extends Omit<EventStore, 'readAfter' | 'ofRequest' | 'ofOrganization'> {
  rowsAfter(piece: Piece): Promise<readonly EventRow[]>;
  rowsOfRequest(organizationId: string, requestId: string, piece: Piece): Promise<readonly EventRow[]>;
  rowsOfOrganization(organizationId: string, piece: Piece): Promise<readonly EventRow[]>;
}

/** The log names each damaged event once, until there are more than this. */
const maxNamed = 1_000;

/**
 * The history without its damaged events, the same for both databases. A damaged event holds something that Darkroom has not
 * written: it is shown to no reader, stops none, and the log names it.
 */
export function passOverDamaged(store: EventRowStore, logger: Logger | undefined): EventStore {
  const { rowsAfter, rowsOfRequest, rowsOfOrganization, ...others } = store;
  const named = new Set<number>();
  const toEvents = (row: EventRow): readonly RequestEvent[] => {
    const event = toEvent(row);
    if (event) return [event];
    if (!named.has(row.seq)) logger?.error({ event: 'event.damaged', seq: row.seq, request_id: row.request_id });
    if (named.size < maxNamed) named.add(row.seq);
    return [];
  };
  /** Reads on in place of the events that it leaves out: fewer than `limit` means that there are no more. */
  const read = async ({ after, limit }: Piece, select: (piece: Piece) => Promise<readonly EventRow[]>) => {
    const events: RequestEvent[] = [];
    for (let from = after; ; ) {
      const asked = limit - events.length;
      const rows = await select({ after: from, limit: asked });
      events.push(...rows.flatMap(toEvents));
      from = rows.at(-1)?.seq ?? from;
      if (rows.length < asked || events.length >= limit) return events;
    }
  };
  return {
    ...others,
    readAfter: (after, limit) => read({ after, limit }, rowsAfter),
    ofRequest: (organizationId, requestId, piece) =>
      read(piece, (part) => rowsOfRequest(organizationId, requestId, part)),
    ofOrganization: (organizationId, piece) => read(piece, (part) => rowsOfOrganization(organizationId, part)),
  };
}

function toEvent({ seq, request_id: requestId, organization_id: organizationId, at, moment: text }: EventRow) {
  const moment = parse(text);
  return isMoment(moment) ? { seq, requestId, organizationId, at, moment } : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
