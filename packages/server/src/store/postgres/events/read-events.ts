import type { EventRow } from '../../damage/damaged-events.ts';
import type { Session } from '../database/session.ts';
import { toStatement } from '../database/statement.ts';

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
export const selectEventsOfRequest = toStatement<EventRow>(
  `SELECT ${columns} FROM events WHERE request_id = $1 AND organization_id = $4 AND seq > $2 ORDER BY seq LIMIT $3`,
);

/**
 *     Index Scan using events_by_organization on events
 *       Index Cond: ((organization_id = $1) AND (seq > $2))
 */
export const selectEventsOfOrganization = toStatement<EventRow>(
  `SELECT ${columns} FROM events WHERE organization_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
);

const selectLast = toStatement<{ readonly seq: number }>('SELECT seq FROM events ORDER BY seq DESC LIMIT 1');

interface Piece {
  readonly after: number;
  readonly limit: number;
}

export function readAfter(session: Session, { after, limit }: Piece): Promise<readonly EventRow[]> {
  return session.all(selectAfter, after, limit);
}

export function readOfRequest(
  session: Session,
  { organizationId, requestId }: { readonly organizationId: string; readonly requestId: string },
  { after, limit }: Piece,
): Promise<readonly EventRow[]> {
  return session.all(selectEventsOfRequest, requestId, after, limit, organizationId);
}

export function readOfOrganization(
  session: Session,
  organizationId: string,
  { after, limit }: Piece,
): Promise<readonly EventRow[]> {
  return session.all(selectEventsOfOrganization, organizationId, after, limit);
}

export async function readLast(session: Session): Promise<number> {
  return (await session.get(selectLast))?.seq ?? 0;
}
