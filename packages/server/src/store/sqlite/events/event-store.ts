import type { Logger } from '../../../platform/logger.ts';
import { type EventRowStore, passOverDamaged } from '../../damage/damaged-events.ts';
import type { EventStore } from '../../event-store.ts';
import { preparePosition } from '../claims/position.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareReadMinutes } from './minutes.ts';
import { prepareReadAfter, prepareReadEventsOf, prepareReadLast } from './read-events.ts';

/*
 * The history: every moment of every request, in one order for all readers, and how many requests ended in each minute. The other
 * folders write their moments through `record-moments.ts`.
 */

interface EventStoreOptions {
  readonly reads: ReadTurn;
  readonly logger: Logger | undefined;
}

export function createEventStore({ reads, logger }: EventStoreOptions): EventStore {
  const { db } = reads;
  const readAfter = prepareReadAfter(db);
  const ofRequest = prepareReadEventsOf(db, 'request');
  const ofOrganization = prepareReadEventsOf(db, 'organization');
  const last = prepareReadLast(db);
  const position = preparePosition(db);
  const readMinutes = prepareReadMinutes(db);
  const rows: EventRowStore = {
    rowsAfter: async (piece) => reads.read(() => readAfter(piece)),
    rowsOfRequest: async (organizationId, requestId, piece) =>
      // All events of a request have its organization, so it is enough to read the first one.
      reads.read(() => {
        const events = ofRequest(requestId, piece);
        return events[0]?.organization_id === organizationId ? events : [];
      }),
    rowsOfOrganization: async (organizationId, piece) => reads.read(() => ofOrganization(organizationId, piece)),
    last: async () => reads.read(last),
    position: async (organizationId, requestId) => reads.read(() => position(organizationId, requestId)),
    endedMinutes: async (since) => reads.read(() => readMinutes(since)),
  };
  return passOverDamaged(rows, logger);
}
