import {
  readHeader,
  type VerifyOptions,
  verifyWebhook,
  type WebhookHeaders,
  type WebhookMessage,
  WebhookVerificationError,
} from './verify-webhook.ts';

export interface WebhookHandlerOptions extends VerifyOptions {
  /** `whsec_…`, or a function that returns it when a message comes. */
  readonly secret: string | (() => string);
  /**
   * Called with every message whose signature is valid, and awaited. The id is the same whenever the message is sent again.
   * Darkroom sends the message again when this rejects or takes longer than 15 seconds: do longer work afterwards.
   */
  readonly onMessage: (message: WebhookMessage, context: { readonly id: string }) => unknown;
}

/** A request of Fetch, or the context of a framework that has one in `req.raw`, as Hono's. */
export type WebhookRequest = Request | { readonly req: { readonly raw: Request } };

/**
 * Makes a handler for Next's route handlers, Hono, Workers, Deno and Bun. It answers 204 when `onMessage` has accepted the message,
 * and 401 when it was not sent by Darkroom. It rejects with the error of `onMessage`, and when the body was already read.
 */
export function createWebhookHandler(options: WebhookHandlerOptions): (given: WebhookRequest) => Promise<Response> {
  return async (given) => {
    const request = 'req' in given ? given.req.raw : given;
    if (request.bodyUsed) throw new TypeError(bodyIsUsed);
    const status = await handleWebhook(new Uint8Array(await request.arrayBuffer()), request.headers, options);
    return new Response(null, { status });
  };
}

export const bodyIsUsed =
  'The body of the webhook was already read, and only the bytes as they arrived can be verified. Register this handler before everything that parses bodies.';

/** Resolves to the status of the answer. Rejects with the error of `onMessage`. */
export async function handleWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  { secret, onMessage, ...options }: WebhookHandlerOptions,
): Promise<204 | 401> {
  const key = typeof secret === 'string' ? secret : secret();
  const message = await verifyWebhook(body, headers, key, options).catch((error: unknown) => {
    if (error instanceof WebhookVerificationError) return undefined;
    throw error;
  });
  if (!message) return 401;
  await onMessage(message, { id: readHeader(headers, 'webhook-id') ?? '' });
  return 204;
}
