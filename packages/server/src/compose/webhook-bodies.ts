import type { WebhookSenderOptions } from '../events/webhooks/webhook-sender.ts';
import type { MediaStore } from '../media/media-store.ts';
import type { RequestStore } from '../store/request-store.ts';
import { toWebhookBody } from '../wires/fal/records.ts';
import { createPredictionReader } from '../wires/replicate/prediction-reader.ts';

interface WebhookBodyOptions {
  readonly store: Pick<RequestStore, 'attempts'>;
  readonly media: MediaStore;
  readonly publicUrl: () => string;
}

/** The wires whose clients expect their own form from the webhook of a request: a line for each. */
export function createWebhookBodies(options: WebhookBodyOptions): NonNullable<WebhookSenderOptions['toOwnBody']> {
  const { media, publicUrl } = options;
  const readPrediction = createPredictionReader(options);
  return async (request) => {
    if (request.wire === 'fal') return toWebhookBody(request, { media, publicUrl: publicUrl() });
    return request.wire === 'replicate' ? readPrediction(request) : undefined;
  };
}
