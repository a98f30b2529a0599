import { createHmac } from 'node:crypto';

/** A message for a receiver. */
export interface WebhookMessage {
  /** The same for every try of one delivery. */
  readonly id: string;
  /** The body, in pieces; each call returns it from the beginning, and always the same. */
  readonly body: () => AsyncIterable<string>;
  /** The place in a trace that the receiver's work belongs under. */
  readonly traceparent?: string | undefined;
}

/** The message as it is sent at one time, with its headers. */
export interface SignedMessage extends WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
}

interface MessageFacts {
  readonly type: string;
  /** When the event happened. */
  readonly at: number;
}

/** `data` returns the JSON of the message's `data`. */
export function createMessage(
  id: string,
  { type, at }: MessageFacts,
  data: () => AsyncIterable<string>,
): WebhookMessage {
  const head = JSON.stringify({ type, timestamp: new Date(at).toISOString() }).slice(0, -1);
  return {
    id,
    body: async function* () {
      yield `${head},"data":`;
      yield* data();
      yield '}';
    },
  };
}

/** A message whose body is this text. */
export function createOwnMessage(id: string, text: string): WebhookMessage {
  return {
    id,
    body: async function* () {
      yield text;
    },
  };
}

/**
 * Signs according to Standard Webhooks (https://www.standardwebhooks.com), with one signature for each secret, and none without. The body
 * is read once for signing and once for sending, because a record with inline pictures is too large to hold.
 */
export async function signMessage(
  message: WebhookMessage,
  { secrets, now }: { readonly secrets: readonly string[]; readonly now: number },
): Promise<SignedMessage> {
  const timestamp = String(Math.floor(now / 1_000));
  const hmacs = secrets.map((secret) =>
    createHmac('sha256', toKey(secret)).update(`${message.id}.${timestamp}.`, 'utf8'),
  );
  let bytes = 0;
  for await (const piece of message.body()) {
    bytes += Buffer.byteLength(piece);
    for (const hmac of hmacs) hmac.update(piece, 'utf8');
  }
  return {
    ...message,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(bytes),
      'user-agent': 'Darkroom',
      'webhook-id': message.id,
      'webhook-timestamp': timestamp,
      ...(message.traceparent !== undefined && { traceparent: message.traceparent }),
      ...(hmacs.length > 0 && { 'webhook-signature': hmacs.map((hmac) => `v1,${hmac.digest('base64')}`).join(' ') }),
    },
  };
}

function toKey(secret: string): Buffer {
  return Buffer.from(secret.slice('whsec_'.length), 'base64');
}
