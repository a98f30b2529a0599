import type { Logger } from '../../../platform/logger.ts';
import { isolateDeliveries, type TracedWebhookStore } from '../../damage/isolate-deliveries.ts';
import { endpointChanged, endpointCreated, endpointRemoved, secretRotated } from '../../decisions/deeds.ts';
import type { WebhookStore } from '../../webhook-store.ts';
import { notedWrite } from '../audit/audit.ts';
import { advisoryLocks, lockAdvisory } from '../database/advisory-locks.ts';
import type { Database } from '../database/database.ts';
import { isRowFault, toCode } from '../database/failures.ts';
import { claimDeliveries } from './claim-deliveries.ts';
import { endTry, resend } from './end-try.ts';
import { findFirstDelivery, giveUpDelivery } from './give-up-delivery.ts';
import { listDeliveries } from './list-deliveries.ts';
import { endStep, spreadNews } from './outbox.ts';
import {
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  listEndpoints,
  lockEndpoint,
  updateEndpoint,
} from './webhook-endpoints.ts';
import { rotateSecret, secretOf } from './webhook-secrets.ts';

/*
 * Webhooks: endpoints and their secrets, the outbox of news, and the deliveries that it becomes. Each file has the statements of
 * one operation; this file combines them into a `WebhookStore`.
 */

export function createWebhookStore(db: Database, logger: Logger): WebhookStore {
  return isolateDeliveries(createTracedStore(db), { isRowFault, toCode, logger });
}

function createTracedStore(db: Database): TracedWebhookStore {
  return {
    createEndpoint: (endpoint, limit, by) =>
      notedWrite(db, by, {
        write: (session) => createEndpoint(session, endpoint, limit),
        toDeeds: (isNew) => endpointCreated(isNew, endpoint),
      }),
    listEndpoints: (organizationId) => listEndpoints(db, organizationId),
    findEndpoint: (organizationId, id) => findEndpoint(db, organizationId, id),
    updateEndpoint: (organizationId, id, changes, by) =>
      notedWrite(db, by, {
        before: (session) => lockEndpoint(session, organizationId, id),
        write: (session) => updateEndpoint(session, organizationId, id, changes),
        toDeeds: endpointChanged,
      }),
    deleteEndpoint: (organizationId, id, by) =>
      notedWrite(db, by, {
        before: (session) => lockEndpoint(session, organizationId, id),
        write: (session) => deleteEndpoint(session, organizationId, id),
        toDeeds: endpointRemoved,
      }),
    secretOf: (organizationId) => secretOf(db, organizationId),
    rotateSecret: (organizationId, oldUntil, by) =>
      notedWrite(db, by, {
        write: (session) => rotateSecret(session, organizationId, oldUntil),
        toDeeds: () => secretRotated(organizationId),
      }),
    claim: (query, trace) => claimDeliveries(db, query, trace),
    giveUp: (id) => db.transaction((session) => giveUpDelivery(session, id)),
    spread: (query, trace) =>
      db.transaction(async (session) => {
        await lockAdvisory(session, advisoryLocks.webhooks);
        return spreadNews(session, query, trace);
      }),
    endStep: (step, told) =>
      db.transaction(async (session) => {
        await lockAdvisory(session, advisoryLocks.webhooks);
        return endStep(session, step, told);
      }),
    findFirst: (lane, now) => findFirstDelivery(db, lane, now),
    endTry: (delivery, end) => db.transaction((session) => endTry(session, delivery, end)),
    listDeliveries: (query) => listDeliveries(db, query),
    resend: (organizationId, id, now) => db.transaction((session) => resend(session, { organizationId, id, now })),
  };
}
