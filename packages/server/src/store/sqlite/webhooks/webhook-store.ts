import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '../../../platform/logger.ts';
import { isolateDeliveries, type TracedWebhookStore } from '../../damage/isolate-deliveries.ts';
import { endpointChanged, endpointCreated, endpointRemoved, secretRotated } from '../../decisions/deeds.ts';
import type { WebhookStore } from '../../webhook-store.ts';
import { prepareNotedWrite } from '../audit/audit.ts';
import { isRowFault, toCode } from '../database/failures.ts';
import type { GroupCommit } from '../database/group-commit.ts';
import type { ReadTurn } from '../database/read-turn.ts';
import { prepareClaimDeliveries } from './claim-deliveries.ts';
import { prepareEndTry, prepareResend } from './end-try.ts';
import { prepareFindFirstDelivery, prepareGiveUpDelivery } from './give-up-delivery.ts';
import { prepareListDeliveries } from './list-deliveries.ts';
import { prepareEndStep, prepareSpreadNews } from './outbox.ts';
import {
  prepareCreateEndpoint,
  prepareDeleteEndpoint,
  prepareFindEndpoint,
  prepareListEndpoints,
  prepareUpdateEndpoint,
} from './webhook-endpoints.ts';
import { prepareRotateSecret, prepareSecretOf } from './webhook-secrets.ts';

/*
 * Webhooks: endpoints and their secrets, the outbox of news, and the deliveries that it becomes. Each file has the statements of
 * one operation; this file combines them into a `WebhookStore`.
 */

interface WebhookStoreOptions {
  readonly commits: GroupCommit;
  readonly reads: ReadTurn;
  readonly logger: Logger | undefined;
}

export function createWebhookStore(db: DatabaseSync, options: WebhookStoreOptions): WebhookStore {
  return isolateDeliveries(createTracedStore(db, options), { isRowFault, toCode, logger: options.logger });
}

function createTracedStore(db: DatabaseSync, { commits, reads }: WebhookStoreOptions): TracedWebhookStore {
  const createEndpoint = prepareCreateEndpoint(db);
  const listEndpoints = prepareListEndpoints(reads.db);
  const findEndpoint = prepareFindEndpoint(reads.db);
  const findBefore = prepareFindEndpoint(db);
  const updateEndpoint = prepareUpdateEndpoint(db);
  const deleteEndpoint = prepareDeleteEndpoint(db);
  const secretOf = prepareSecretOf(reads.db);
  const rotateSecret = prepareRotateSecret(db);
  const claim = prepareClaimDeliveries(db);
  const spread = prepareSpreadNews(db);
  const endStep = prepareEndStep(db);
  const giveUp = prepareGiveUpDelivery(db);
  const findFirst = prepareFindFirstDelivery(reads.db);
  const endTry = prepareEndTry(db);
  const listDeliveries = prepareListDeliveries(reads.db);
  const resend = prepareResend(db);
  const write = prepareNotedWrite(db, commits);
  return {
    createEndpoint: (endpoint, limit, by) =>
      write(by, {
        write: () => createEndpoint(endpoint, limit),
        toDeeds: (isNew) => endpointCreated(isNew, endpoint),
      }),
    listEndpoints: async (organizationId) => reads.read(() => listEndpoints(organizationId)),
    findEndpoint: async (organizationId, id) => reads.read(() => findEndpoint(organizationId, id)),
    updateEndpoint: (organizationId, id, changes, by) =>
      write(by, {
        before: () => findBefore(organizationId, id),
        write: () => updateEndpoint(organizationId, id, changes),
        toDeeds: endpointChanged,
      }),
    deleteEndpoint: (organizationId, id, by) =>
      write(by, {
        before: () => findBefore(organizationId, id),
        write: () => deleteEndpoint(organizationId, id),
        toDeeds: endpointRemoved,
      }),
    secretOf: async (organizationId) => reads.read(() => secretOf(organizationId)),
    rotateSecret: (organizationId, oldUntil, by) =>
      write(by, {
        write: () => rotateSecret(organizationId, oldUntil),
        toDeeds: () => secretRotated(organizationId),
      }),
    claim: (query, trace) => commits.write(() => claim(query, trace)),
    giveUp: (id) => commits.write(() => giveUp(id)),
    spread: (query, trace) => commits.write(() => spread(query, trace)),
    endStep: (step, told) => commits.write(() => endStep(step, told)),
    findFirst: async (lane, now) => reads.read(() => findFirst(lane, now)),
    endTry: (delivery, end) => commits.write(() => endTry(delivery, end)),
    listDeliveries: async (query) => reads.read(() => listDeliveries(query)),
    resend: (organizationId, id, now) => commits.write(() => resend(organizationId, id, now)),
  };
}
