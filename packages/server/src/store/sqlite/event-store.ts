import type { DatabaseSync } from 'node:sqlite';
import type { EventStore } from '../event-store.ts';
import { prepareReadMinutes } from './minutes.ts';
import { preparePosition } from './position.ts';
import { prepareReadAfter, prepareReadEventsOf, prepareReadLast } from './read-events.ts';
import type { ReadTurn } from './read-turn.ts';

export function createEventStore(db: DatabaseSync, reads: ReadTurn): EventStore {
  const readAfter = prepareReadAfter(db);
  const ofRequest = prepareReadEventsOf(db, 'request');
  const ofOrganization = prepareReadEventsOf(db, 'organization');
  const last = prepareReadLast(db);
  const position = preparePosition(db);
  const readMinutes = prepareReadMinutes(db);
  return {
    readAfter: async (seq, limit) => reads.read(() => readAfter(seq, limit)),
    ofRequest: async (organizationId, requestId, query) =>
      // All events of a request have its organization: so the first one tells.
      reads.read(() => {
        const events = ofRequest(requestId, query);
        return events[0]?.organizationId === organizationId ? events : [];
      }),
    ofOrganization: async (organizationId, query) => reads.read(() => ofOrganization(organizationId, query)),
    last: async () => reads.read(last),
    position: async (organizationId, requestId) => reads.read(() => position(organizationId, requestId)),
    endedMinutes: async (since) => reads.read(() => readMinutes(since)),
  };
}
