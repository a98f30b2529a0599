import {
  type DeliveryList,
  type DeliveryRecord,
  deliveryQuerySchema,
  type EndpointList,
  type EndpointRecord,
  endpointBodySchema,
  endpointChangesSchema,
  groupDigits,
  type WebhookSecretRecord,
  type WebhookTestRecord,
} from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { parseInput, parseTolerantly } from '../../../core/parse-input.ts';
import { Problem } from '../../../core/problem.ts';
import { defaultWebhookEvents, type WebhookEndpoint } from '../../../core/webhooks.ts';
import { ownSigner, toSigner, type WebhookSecrets } from '../../../events/webhooks/webhook-secrets.ts';
import type { WebhookSender } from '../../../events/webhooks/webhook-sender.ts';
import { toBy } from '../../../http/auth.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import { assertCallable } from '../../../intake/webhook-choice.ts';
import type { TargetRules } from '../../../outbound/fetch-target.ts';
import type { Clock } from '../../../platform/clock.ts';
import { createKeyId } from '../../../platform/ids.ts';
import type { WebhookStore } from '../../../store/webhook-store.ts';
import {
  toDeliveryRecord,
  toEndpointRecord,
  toNewEndpointRecord,
  toSecretRecord,
  toTestRecord,
} from '../records/webhooks.ts';

export interface WebhookRoutesOptions {
  readonly webhooks: WebhookStore;
  readonly webhookSecrets: WebhookSecrets;
  readonly webhookSender: Pick<WebhookSender, 'sendTest'>;
  /** Where webhooks may go. */
  readonly webhookRules: TargetRules;
  /** How many endpoints an organization may have. */
  readonly maxEndpoints: number;
  readonly clock: Clock;
}

interface OneRoute {
  Params: { id: string };
}

/** How long both secrets sign after a rotation. */
const oldSecretMs = 24 * 3_600_000;

/** Which addresses are called when a request changes, with which secret, and how each delivery ended. */
export function registerWebhookRoutes(app: FastifyInstance, options: WebhookRoutesOptions): void {
  app.register(async (scope) => registerEndpoints(scope, options));
  app.register(async (scope) => {
    dropBodies(scope);
    registerEndpointSecrets(scope, options);
    registerOwnSecret(scope, options);
    registerDeliveries(scope, options);
  });
}

function registerEndpoints(app: FastifyInstance, options: WebhookRoutesOptions): void {
  const { webhooks, webhookSecrets, webhookRules, maxEndpoints, clock } = options;

  app.get('/webhooks/endpoints', async ({ caller }): Promise<EndpointList> => {
    const endpoints = await webhooks.listEndpoints(caller.organizationId);
    return { endpoints: endpoints.map(toEndpointRecord) };
  });

  app.post('/webhooks/endpoints', async ({ caller, body }, reply) => {
    const { url, events = defaultWebhookEvents } = parseInput(endpointBodySchema, body, '');
    assertCallable(url, { path: 'url', rules: webhookRules });
    const facts = { url, events, createdAt: clock.now(), secretVersion: 1, ...neverFailed };
    const id = `we_${createKeyId()}${createKeyId()}`;
    const endpoint = { ...facts, id, organizationId: caller.organizationId, oldSecretUntil: undefined };
    if (!(await webhooks.createEndpoint(endpoint, maxEndpoints, toBy(caller, clock)))) throw tooMany(maxEndpoints);
    return reply.code(201).send(toNewEndpointRecord(endpoint, webhookSecrets.current(toSigner(endpoint))));
  });

  app.get<OneRoute>('/webhooks/endpoints/:id', async ({ caller, params }): Promise<EndpointRecord> => {
    return toEndpointRecord(orMissing(await webhooks.findEndpoint(caller.organizationId, params.id)));
  });

  app.patch<OneRoute>('/webhooks/endpoints/:id', async ({ caller, params, body }): Promise<EndpointRecord> => {
    const { url, events, paused } = parseInput(endpointChangesSchema, body, '');
    if (url !== undefined) assertCallable(url, { path: 'url', rules: webhookRules });
    const changes = {
      ...(url !== undefined && { url }),
      ...(events && { events }),
      ...(paused !== undefined && (paused ? toPause(clock.now()) : neverFailed)),
    };
    const changed = await webhooks.updateEndpoint(caller.organizationId, params.id, changes, toBy(caller, clock));
    return toEndpointRecord(orMissing(changed));
  });

  app.delete<OneRoute>('/webhooks/endpoints/:id', async ({ caller, params }, reply) => {
    orMissing((await webhooks.deleteEndpoint(caller.organizationId, params.id, toBy(caller, clock))) || undefined);
    return reply.code(204).send();
  });
}

function registerEndpointSecrets(app: FastifyInstance, options: WebhookRoutesOptions): void {
  const { webhooks, webhookSecrets, webhookSender, clock } = options;

  app.get<OneRoute>('/webhooks/endpoints/:id/secret', async ({ caller, params }): Promise<WebhookSecretRecord> => {
    const endpoint = orMissing(await webhooks.findEndpoint(caller.organizationId, params.id));
    return toSecretRecord(toSigner(endpoint), webhookSecrets);
  });

  app.post<OneRoute>(
    '/webhooks/endpoints/:id/rotate-secret',
    async ({ caller, params }): Promise<WebhookSecretRecord> => {
      const { secretVersion } = orMissing(await webhooks.findEndpoint(caller.organizationId, params.id));
      const changes = { secretVersion: secretVersion + 1, oldSecretUntil: clock.now() + oldSecretMs };
      const rotated = await webhooks.updateEndpoint(caller.organizationId, params.id, changes, toBy(caller, clock));
      return toSecretRecord(toSigner(orMissing(rotated)), webhookSecrets);
    },
  );

  app.post<OneRoute>('/webhooks/endpoints/:id/test', async ({ caller, params }): Promise<WebhookTestRecord> => {
    const endpoint = orMissing(await webhooks.findEndpoint(caller.organizationId, params.id));
    return toTestRecord(await webhookSender.sendTest(endpoint));
  });
}

/** The secret of the organization itself, which signs for the `webhook_url` of its requests. */
function registerOwnSecret(app: FastifyInstance, { webhooks, webhookSecrets, clock }: WebhookRoutesOptions): void {
  const read = async (organizationId: string): Promise<WebhookSecretRecord> =>
    toSecretRecord(await ownSigner(organizationId, webhooks), webhookSecrets);

  app.get('/webhooks/secret', ({ caller }) => read(caller.organizationId));

  app.post('/webhooks/secret/rotate', async ({ caller }) => {
    await webhooks.rotateSecret(caller.organizationId, clock.now() + oldSecretMs, toBy(caller, clock));
    return read(caller.organizationId);
  });
}

function registerDeliveries(app: FastifyInstance, { webhooks, clock }: WebhookRoutesOptions): void {
  app.get('/webhooks/deliveries', async ({ caller, query: given }): Promise<DeliveryList> => {
    const query = parseTolerantly(deliveryQuerySchema, given, '');
    const found = await webhooks.listDeliveries({
      organizationId: caller.organizationId,
      // One more than the page shows, to find out whether there are more.
      limit: query.limit + 1,
      ...(query.request_id !== undefined && { requestId: query.request_id }),
      ...(query.endpoint_id !== undefined && { endpointId: query.endpoint_id }),
      ...(query.status && { status: query.status }),
      ...(query.cursor !== undefined && { cursor: query.cursor }),
    });
    const deliveries = found.slice(0, query.limit);
    const last = found.length > query.limit ? deliveries.at(-1) : undefined;
    return {
      deliveries: deliveries.map(toDeliveryRecord),
      has_more: last !== undefined,
      ...(last && { next_cursor: last.id }),
    };
  });

  app.post<OneRoute>('/webhooks/deliveries/:id/resend', async ({ caller, params }): Promise<DeliveryRecord> => {
    const delivery = await webhooks.resend(caller.organizationId, params.id, clock.now());
    if (!delivery) throw new Problem('not_found', 'There is no webhook delivery with this id.');
    return toDeliveryRecord(delivery);
  });
}

function tooMany(limit: number): Problem {
  const message = `The organization already has ${groupDigits(limit)} webhook endpoints, which is its limit: change or delete one.`;
  return new Problem('endpoints_full', message);
}

const neverFailed = { failures: 0, failingSince: undefined, pausedAt: undefined, pauseReason: undefined } as const;

function toPause(now: number): Pick<WebhookEndpoint, 'pausedAt' | 'pauseReason'> {
  return { pausedAt: now, pauseReason: 'It was paused through the API.' };
}

function orMissing<T>(found: T | undefined): T {
  if (found === undefined) throw new Problem('not_found', 'There is no webhook endpoint with this id.');
  return found;
}
