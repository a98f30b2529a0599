import type { RequestRecord, WebhookEventName } from './shapes.ts';

/** The message of a webhook. */
export type WebhookMessage =
  | { readonly type: WebhookEventName; readonly timestamp: string; readonly data: Omit<RequestRecord, 'queue'> }
  | { readonly type: 'webhook.test'; readonly timestamp: string; readonly data: { readonly endpoint_id: string } };

export interface VerifyOptions {
  /** How far the time of sending may be from now. Default: 300. */
  readonly toleranceSeconds?: number;
}

/** The message was not sent by Darkroom, or not sent recently. Answer with 401. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
}

/** The headers in the form that Fetch, Node or a framework provides. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Resolves to the message if one of its signatures was made with `secret`, as Standard Webhooks defines it
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). Otherwise it throws a
 * `WebhookVerificationError`. `body` must be the bytes exactly as received.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  { toleranceSeconds = 300 }: VerifyOptions = {},
): Promise<WebhookMessage> {
  const [id, sentAt, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    readHeader(headers, name),
  );
  if (!id || !sentAt || !signatures) throw new WebhookVerificationError('A header of the signature is missing.');
  if (!/^\d+$/.test(sentAt) || Math.abs(Date.now() / 1_000 - Number(sentAt)) > toleranceSeconds)
    throw new WebhookVerificationError('The message is too old, or its time of sending is in the future.');
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  if (!(await isSigned(`${id}.${sentAt}.${text}`, signatures, secret)))
    throw new WebhookVerificationError('No signature is valid.');
  return JSON.parse(text) as WebhookMessage; // signed: Darkroom's own message
}

/** During a rotation there are two signatures. Web Crypto's `verify` takes the same time for every wrong one. */
async function isSigned(content: string, signatures: string, secret: string): Promise<boolean> {
  const raw = fromBase64(secret.replace(/^whsec_/, ''));
  if (!raw || raw.length === 0) throw new TypeError('The secret must be `whsec_` followed by base64.');
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  const bytes = new TextEncoder().encode(content);
  for (const signature of signatures.split(' ')) {
    const [version, base64] = signature.split(',');
    const given = version === 'v1' && base64 !== undefined ? fromBase64(base64) : undefined;
    if (given && (await crypto.subtle.verify('HMAC', key, given, bytes))) return true;
  }
  return false;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

export function readHeader(headers: WebhookHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const [, value] = Object.entries(headers).find(([given]) => given.toLowerCase() === name) ?? [];
  return typeof value === 'string' ? value : value?.[0];
}
