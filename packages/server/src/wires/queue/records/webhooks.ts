import type {
  DeliveryRecord,
  EndpointRecord,
  NewEndpointRecord,
  WebhookSecretRecord,
  WebhookTestRecord,
} from '@darkroom/protocol';
import type { WebhookDelivery, WebhookEndpoint, WebhookTry } from '../../../core/webhooks.ts';
import type { Signer, WebhookSecrets } from '../../../events/webhooks/webhook-secrets.ts';
import { toLaterSeconds, toSeconds, toSecondsOrNull } from '../../../platform/unix-time.ts';

export function toEndpointRecord(endpoint: WebhookEndpoint): EndpointRecord {
  const { id, url, events, createdAt, pausedAt, pauseReason, failures, failingSince, oldSecretUntil } = endpoint;
  return {
    id,
    url,
    events: [...events],
    created_at: toSeconds(createdAt),
    paused_at: toSecondsOrNull(pausedAt),
    pause_reason: pauseReason ?? null,
    failures,
    failing_since: toSecondsOrNull(failingSince),
    old_secret_until: toSecondsOrNull(oldSecretUntil),
  };
}

export function toNewEndpointRecord(endpoint: WebhookEndpoint, secret: string): NewEndpointRecord {
  return { ...toEndpointRecord(endpoint), secret };
}

export function toSecretRecord(signer: Signer, secrets: WebhookSecrets): WebhookSecretRecord {
  return { secret: secrets.current(signer), old_secret_until: toSecondsOrNull(signer.oldUntil) };
}

export function toDeliveryRecord(delivery: WebhookDelivery): DeliveryRecord {
  const { id, requestId, endpointId, url, event, status, tries, createdAt, nextAt, lastTry } = delivery;
  return {
    id,
    request_id: requestId,
    endpoint_id: endpointId ?? null,
    url,
    event,
    status,
    tries,
    created_at: toSeconds(createdAt),
    next_at: status === 'pending' ? toLaterSeconds(nextAt) : null,
    last_try: lastTry ? toTryRecord(lastTry) : null,
  };
}

export function toTestRecord(tried: WebhookTry): WebhookTestRecord {
  return { delivered: tried.failure === undefined, ...toTryRecord(tried) };
}

function toTryRecord({ at, httpStatus, answer, failure }: WebhookTry): NonNullable<DeliveryRecord['last_try']> {
  return {
    at: at / 1_000,
    ...(httpStatus !== undefined && { http_status: httpStatus }),
    ...(answer !== undefined && { answer }),
    ...(failure !== undefined && { failure }),
  };
}
