import type { Logger } from '../../../platform/logger.ts';
import { type EventRowStore, passOverDamaged } from '../../damage/damaged-events.ts';
import type { EventStore } from '../../event-store.ts';
import { readPosition } from '../claims/position.ts';
import type { Database } from '../database/database.ts';
import { readMinutes } from './minutes.ts';
import { readAfter, readLast, readOfOrganization, readOfRequest } from './read-events.ts';

/*
 * The history: every moment of every request, in one order for all readers, and how many requests ended in each minute. The other
 * folders write their moments through `record-moments.ts`.
 */

export function createEventStore(db: Database, logger: Logger): EventStore {
  const rows: EventRowStore = {
    rowsAfter: (piece) => readAfter(db, piece),
    rowsOfRequest: (organizationId, requestId, piece) => readOfRequest(db, { organizationId, requestId }, piece),
    rowsOfOrganization: (organizationId, piece) => readOfOrganization(db, organizationId, piece),
    last: () => readLast(db),
    position: (organizationId, requestId) => db.snapshot((session) => readPosition(session, organizationId, requestId)),
    endedMinutes: (since) => readMinutes(db, since),
  };
  return passOverDamaged(rows, logger);
}
