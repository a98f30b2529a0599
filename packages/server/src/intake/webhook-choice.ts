import { createInputProblem } from '../core/parse-input.ts';
import { defaultWebhookEvents, type RequestWebhook } from '../core/webhooks.ts';
import { findUrlObjection } from '../events/webhooks/webhook-url.ts';
import type { TargetRules } from '../outbound/fetch-target.ts';

/** Where a submit wants its own events to go, and which of them. */
export interface WebhookWish {
  readonly url?: string | undefined;
  readonly events?: RequestWebhook['events'] | undefined;
}

/** Throws the `Problem` of an address that webhooks may not go to, or of events without one. */
export function toRequestWebhook({ url, events }: WebhookWish = {}, rules: TargetRules): RequestWebhook | undefined {
  if (url === undefined) {
    if (events === undefined) return undefined;
    throw createInputProblem([{ path: 'webhook_events', message: 'can only be used with webhook_url' }]);
  }
  assertCallable(url, { path: 'webhook_url', rules });
  return { url, events: events ?? defaultWebhookEvents };
}

/** Throws the `Problem` of a URL that webhooks may not go to, as far as the URL itself shows. `path` names it. */
export function assertCallable(
  url: string,
  { path, rules }: { readonly path: string; readonly rules: TargetRules },
): void {
  const objection = findUrlObjection(url, rules);
  if (objection !== undefined) throw createInputProblem([{ path, message: `cannot be called: ${objection}` }]);
}
