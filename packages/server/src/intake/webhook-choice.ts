import type { submitBodySchema } from '@darkroom/protocol';
import { defaultWebhookEvents, type RequestWebhook } from '../core/webhooks.ts';
import { findUrlObjection } from '../events/webhooks/webhook-url.ts';
import { createInputProblem } from '../http/validation.ts';
import type { TargetRules } from '../outbound/fetch-target.ts';

type Body = ReturnType<typeof submitBodySchema.parse>;

/** Where a submit wants its own events to go; throws the `Problem` of a place that webhooks may not go to. */
export function toRequestWebhook(
  { webhook_url: url, webhook_events: events }: Pick<Body, 'webhook_url' | 'webhook_events'>,
  rules: TargetRules,
): RequestWebhook | undefined {
  if (url === undefined) {
    if (events === undefined) return undefined;
    throw createInputProblem([{ path: 'webhook_events', message: 'can stand beside webhook_url alone' }]);
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
