import type { WebhookSenderOptions } from '../events/webhooks/webhook-sender.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import { toWebhookBody } from '../wires/fal/records.ts';
import { toPrediction } from '../wires/replicate/prediction.ts';

interface WebhookBodyOptions {
  readonly store: Pick<RequestStore, 'attempts'>;
  readonly media: MediaStore;
  readonly publicUrl: () => string;
}

/** The wires whose clients expect their own form from the webhook of a request: a line for each. */
export function createWebhookBodies(options: WebhookBodyOptions): NonNullable<WebhookSenderOptions['toOwnBody']> {
  const { store, media, publicUrl } = options;
  return async (request) => {
    const places = { media, publicUrl: publicUrl() };
    if (request.wire === 'fal') return toWebhookBody(request, places);
    if (request.wire !== 'replicate') return undefined;
    return toPrediction(request, { ...places, attempts: await store.attempts(request.organizationId, request.id) });
  };
}
