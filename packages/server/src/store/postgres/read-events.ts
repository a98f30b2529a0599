import type { RequestEvent } from '../../core/request-events.ts';
import type { Session } from './session.ts';
import { toStatement } from './statement.ts';

interface EventRow {
  readonly seq: number;
  readonly request_id: string;
  readonly organization_id: string;
  readonly at: number;
  readonly moment: string;
}

const columns = 'seq, request_id, organization_id, at, moment';

/**
 *     Index Scan using events_pkey on events
 *       Index Cond: (seq > $1)
 */
export const selectAfter = toStatement<EventRow>(`SELECT ${columns} FROM events WHERE seq > $1 ORDER BY seq LIMIT $2`);

/**
 *     Index Scan using events_by_request on events
 *       Index Cond: ((request_id = $1) AND (seq > $2))
 */
export const selectOfRequest = toStatement<EventRow>(
  `SELECT ${columns} FROM events WHERE request_id = $1 AND organization_id = $4 AND seq > $2 ORDER BY seq LIMIT $3`,
);

/**
 *     Index Scan using events_by_organization on events
 *       Index Cond: ((organization_id = $1) AND (seq > $2))
 */
export const selectOfOrganization = toStatement<EventRow>(
  `SELECT ${columns} FROM events WHERE organization_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
);

const selectLast = toStatement<{ readonly seq: number }>('SELECT seq FROM events ORDER BY seq DESC LIMIT 1');

interface Piece {
  readonly after: number;
  readonly limit: number;
}

export async function readAfter(session: Session, seq: number, limit: number): Promise<readonly RequestEvent[]> {
  return (await session.all(selectAfter, seq, limit)).map(toEvent);
}

export async function readOfRequest(
  session: Session,
  { organizationId, requestId }: { readonly organizationId: string; readonly requestId: string },
  { after, limit }: Piece,
): Promise<readonly RequestEvent[]> {
  return (await session.all(selectOfRequest, requestId, after, limit, organizationId)).map(toEvent);
}

export async function readOfOrganization(
  session: Session,
  organizationId: string,
  { after, limit }: Piece,
): Promise<readonly RequestEvent[]> {
  return (await session.all(selectOfOrganization, organizationId, after, limit)).map(toEvent);
}

export async function readLast(session: Session): Promise<number> {
  return (await session.get(selectLast))?.seq ?? 0;
}

function toEvent({ seq, request_id: requestId, organization_id: organizationId, at, moment }: EventRow): RequestEvent {
  // `recordMoments` wrote it, hence a `RequestMoment`.
  return { seq, requestId, organizationId, at, moment: JSON.parse(moment) };
}
