import type { WebhookEvent } from '../../core/webhooks.ts';
import type { WebhookWish } from '../../intake/webhook-choice.ts';

const ends: readonly WebhookEvent[] = ['request.success', 'request.failed', 'request.cancelled'];

/** What is told for each event of Replicate. Logs have no events of their own here. */
const eventsOf: Readonly<Record<string, readonly WebhookEvent[]>> = {
  start: ['request.processing'],
  output: ['request.success'],
  logs: [],
  completed: ends,
};

export const webhookEventNames = ['start', 'output', 'logs', 'completed'] as const;

/** Without a filter, everything is told. */
export function toWebhookWish(
  url: string | undefined,
  filter: readonly (typeof webhookEventNames)[number][] = webhookEventNames,
): WebhookWish | undefined {
  const events = [...new Set(filter.flatMap((name) => eventsOf[name] ?? []))];
  return url === undefined || events.length === 0 ? undefined : { url, events };
}
