import { z } from 'zod';
import { unixSeconds } from './numbers.ts';
import { pageSize } from './paging.ts';
import { requestStatuses } from './statuses.ts';

/** The events of webhooks: a request now has this status. */
export const webhookEventNames = requestStatuses.map((status) => `request.${status}` as const);
export type WebhookEventName = (typeof webhookEventNames)[number];

const urlRule = 'must be an http or https URL of at most 2,000 characters';
const eventsRule = `must be a list of some of ${requestStatuses.join(', ')}`;

const url = z
  .string({ error: urlRule })
  .max(2_000, { error: urlRule })
  .regex(/^https?:\/\//i, { error: urlRule });

/** Each event once, in the order of the statuses; both spellings, `success` and `request.success`, mean the same. */
const events = z
  .array(z.enum([...requestStatuses, ...webhookEventNames], { error: eventsRule }), { error: eventsRule })
  .min(1, { error: eventsRule })
  .transform((given) => {
    const names = new Set<string>(given);
    return requestStatuses
      .filter((status) => names.has(status) || names.has(`request.${status}`))
      .map((status) => `request.${status}` as const);
  })
  .meta({
    description:
      'The statuses to report, also written `request.success` and so on. If left out: the final ones, `success`, `failed` and `cancelled`.',
  });

/** Further keys of the body of a submit. */
export const webhookChoice = {
  webhook_url: url.optional().meta({
    description:
      'The URL to call when the status of the request changes: a POST, signed as Standard Webhooks. It must be on the public internet.',
  }),
  webhook_events: events.optional(),
};

export const endpointBodySchema = z.looseObject(
  { url, events: events.optional() },
  { error: 'must be a JSON object {"url": …, "events": […]}' },
);

export const endpointChangesSchema = z.looseObject(
  {
    url: url.optional(),
    events: events.optional(),
    paused: z.boolean({ error: 'must be true or false' }).optional().meta({
      description: 'While the endpoint is paused, its deliveries wait. `false` sends the waiting deliveries at once.',
    }),
  },
  { error: 'must be a JSON object with url, events or paused' },
);

const event = z.enum(webhookEventNames);

const endpoint = {
  id: z.string(),
  url: z.string(),
  events: z.array(event),
  created_at: unixSeconds,
  paused_at: unixSeconds.nullable().meta({ description: 'Since when its deliveries wait.' }),
  pause_reason: z.string().nullable(),
  failures: z.int().meta({ description: 'How many attempts in a row it did not accept.' }),
  failing_since: unixSeconds.nullable(),
  old_secret_until: unixSeconds.nullable().meta({ description: 'Until when the previous secret also signs.' }),
};

const secret = z.string().meta({ description: 'The secret that signs the messages: `whsec_` and base64.' });

export const endpointSchema = z.object(endpoint).meta({ id: 'WebhookEndpoint' });

export const newEndpointSchema = z.object({ ...endpoint, secret }).meta({ id: 'NewWebhookEndpoint' });

export const endpointListSchema = z
  .object({ endpoints: z.array(endpointSchema) })
  .meta({ id: 'WebhookEndpointList', description: 'Oldest first.' });

export const webhookSecretSchema = z
  .object({ secret, old_secret_until: endpoint.old_secret_until })
  .meta({ id: 'WebhookSecret' });

const webhookTry = {
  at: z.number().meta({ description: 'Unix time in seconds.' }),
  http_status: z.int().optional(),
  answer: z.string().optional().meta({ description: 'The first KB of the answer.' }),
  failure: z.string().optional().meta({ description: 'Why it was not accepted.' }),
};

const deliveryStatuses = ['pending', 'delivered', 'failed'] as const;

export const deliverySchema = z
  .object({
    id: z.string().meta({ description: 'The `webhook-id` of the message, the same for every attempt.' }),
    request_id: z.string(),
    endpoint_id: z.string().nullable().meta({ description: '`null`: it went to the `webhook_url` of the request.' }),
    url: z.string(),
    event,
    status: z.enum(deliveryStatuses),
    tries: z.int(),
    created_at: unixSeconds,
    next_at: unixSeconds.nullable().meta({ description: 'While pending: the time of the next attempt.' }),
    last_try: z.object(webhookTry).nullable(),
  })
  .meta({ id: 'WebhookDelivery', description: 'The delivery of one event to one address.' });

export const deliveryQuerySchema = z.looseObject({
  request_id: z.string({ error: 'must be given once' }).optional(),
  endpoint_id: z.string({ error: 'must be given once' }).optional(),
  status: z.enum(deliveryStatuses, { error: `must be one of ${deliveryStatuses.join(', ')}` }).optional(),
  limit: pageSize(100).default(25),
  cursor: z
    .string({ error: 'must be the next_cursor of an earlier answer' })
    .optional()
    .meta({ description: '`next_cursor` of the previous page.' }),
});

export const deliveryListSchema = z
  .object({
    deliveries: z.array(deliverySchema),
    has_more: z.boolean(),
    next_cursor: z.string().optional().meta({ description: 'Only when there are more.' }),
  })
  .meta({ id: 'WebhookDeliveryList', description: 'Newest first.' });

export const webhookTestSchema = z
  .object({ delivered: z.boolean(), ...webhookTry })
  .meta({ id: 'WebhookTest', description: 'How the endpoint answered a test message.' });

export type EndpointRecord = z.infer<typeof endpointSchema>;
export type NewEndpointRecord = z.infer<typeof newEndpointSchema>;
export type EndpointList = z.infer<typeof endpointListSchema>;
export type WebhookSecretRecord = z.infer<typeof webhookSecretSchema>;
export type DeliveryRecord = z.infer<typeof deliverySchema>;
export type DeliveryStatus = DeliveryRecord['status'];
export type DeliveryList = z.infer<typeof deliveryListSchema>;
export type WebhookTestRecord = z.infer<typeof webhookTestSchema>;
