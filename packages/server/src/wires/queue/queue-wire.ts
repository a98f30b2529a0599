import type { EventHub } from '../../events/event-hub.ts';
import { toHouseError } from '../../http/error-reply.ts';
import type { BudgetStore } from '../../store/budget-store.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { createQueuePart } from './openapi/queue-part.ts';
import { modelPrefix, queuePrefix, toFullPath } from './prefixes.ts';
import { createRecordSender } from './records/record-sender.ts';
import { registerEventRoutes } from './routes/events.ts';
import { registerModelRoutes } from './routes/models.ts';
import { registerRequestRoutes } from './routes/requests.ts';
import { registerSubmitRoute } from './routes/submit.ts';
import { registerUsageRoutes } from './routes/usage.ts';
import { registerWebhookRoutes, type WebhookRoutesOptions } from './routes/webhooks.ts';

export interface QueueWireOptions extends WirePorts {
  readonly store: RequestStore;
  readonly events: EventStore;
  /** Where event streams wait. */
  readonly hub: EventHub;
  readonly budgets: BudgetStore;
  readonly webhooks: WebhookRoutesOptions;
}

/** The request-queue wire: the seed's contract, and what was added to it since. Its errors have the house's own format. */
export function createQueueWire(options: QueueWireOptions): Wire {
  const { intake, models, store, events, hub, budgets, webhooks, media, losses, publicUrl, clock, logger } = options;
  const records = createRecordSender({ intake, media, losses, publicUrl });
  return {
    name: 'queue',
    scopes: [
      {
        prefix: queuePrefix,
        register: (scope, gates) => {
          registerSubmitRoute(scope, gates, { intake, records });
          registerRequestRoutes(scope, gates, { intake, store, models, records, media, publicUrl });
          registerEventRoutes(scope, gates, { intake, store, events, hub, records, clock, logger });
          registerUsageRoutes(scope, { budgets, clock });
          registerModelRoutes(scope, { models });
          registerWebhookRoutes(scope, webhooks);
        },
      },
      { prefix: modelPrefix, register: (scope) => registerModelRoutes(scope, { models }) },
    ],
    toFullPath,
    toErrorReply: toHouseError,
    openApi: createQueuePart(models),
  };
}
