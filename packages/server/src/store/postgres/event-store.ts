import type { EventStore } from '../event-store.ts';
import type { Database } from './database.ts';
import { readMinutes } from './minutes.ts';
import { readPosition } from './position.ts';
import { readAfter, readLast, readOfOrganization, readOfRequest } from './read-events.ts';

export function createEventStore(db: Database): EventStore {
  return {
    readAfter: (seq, limit) => readAfter(db, seq, limit),
    ofRequest: (organizationId, requestId, query) => readOfRequest(db, { organizationId, requestId }, query),
    ofOrganization: (organizationId, query) => readOfOrganization(db, organizationId, query),
    last: () => readLast(db),
    position: (organizationId, requestId) => db.snapshot((session) => readPosition(session, organizationId, requestId)),
    endedMinutes: (since) => readMinutes(db, since),
  };
}
