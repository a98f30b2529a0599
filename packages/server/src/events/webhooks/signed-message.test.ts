import OpenAI from 'openai';
import { validateWebhook } from 'replicate';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { createMessage, signMessage } from './signed-message.ts';
import { createWebhookSecrets, type Signer } from './webhook-secrets.ts';

const secrets = createWebhookSecrets('the master secret');
const hour = 3_600_000;
// Verifiers refuse messages older than five minutes.
const now = Date.now();
const signer: Signer = { organizationId: 'default', endpointId: 'we_1', version: 2, oldUntil: now + 24 * hour };
const old: Signer = { ...signer, version: 1 };

const message = createMessage('msg_1', { type: 'request.success', at: 1_761_763_441_000 }, async function* () {
  yield '{"payload":{"prompt":"ein Füchslein';
  yield ' 🦊, „keck“"}';
  yield '}';
});

async function send(at: number) {
  const { headers, body } = await signMessage(message, { secrets: secrets.valid(signer, at), now });
  return { headers, body: (await Array.fromAsync(body())).join('') };
}

type Sent = Awaited<ReturnType<typeof send>>;

/** Independent verifiers, each of which throws or returns false for an invalid message. */
const verifiers: Readonly<Record<string, (sent: Sent, secret: string) => Promise<boolean>>> = {
  standardwebhooks: async ({ headers, body }, secret) => Boolean(new Webhook(secret).verify(body, { ...headers })),
  openai: async ({ headers, body }, secret) => {
    const client = new OpenAI({ apiKey: 'unused', webhookSecret: secret });
    await client.webhooks.verifySignature(body, headers);
    return true;
  },
  replicate: ({ headers, body }, secret) =>
    validateWebhook({
      id: headers['webhook-id'] ?? '',
      timestamp: headers['webhook-timestamp'] ?? '',
      signature: headers['webhook-signature'] ?? '',
      body,
      secret,
    }),
};

async function verifies(name: string, sent: Sent, secret: string): Promise<boolean> {
  return (await verifiers[name]?.(sent, secret).catch(() => false)) ?? false;
}

describe.each(Object.keys(verifiers))('the verifier of %s', (name) => {
  it('accepts the new secret and the old one while both are valid', async () => {
    const sent = await send(now);
    expect(await verifies(name, sent, secrets.current(signer))).toBe(true);
    expect(await verifies(name, sent, secrets.current(old))).toBe(true);
  });

  it('refuses the old secret after its time', async () => {
    const sent = await send(now + 24 * hour);
    expect(await verifies(name, sent, secrets.current(signer))).toBe(true);
    expect(await verifies(name, sent, secrets.current(old))).toBe(false);
  });

  it("refuses another body, another id, and another endpoint's secret", async () => {
    const sent = await send(now);
    const secret = secrets.current(signer);
    expect(await verifies(name, { ...sent, body: `${sent.body} ` }, secret)).toBe(false);
    expect(await verifies(name, { ...sent, headers: { ...sent.headers, 'webhook-id': 'msg_2' } }, secret)).toBe(false);
    expect(await verifies(name, sent, secrets.current({ ...signer, endpointId: 'we_2' }))).toBe(false);
    expect(await verifies(name, sent, secrets.current({ ...signer, organizationId: 'other' }))).toBe(false);
    expect(await verifies(name, sent, secrets.current({ ...signer, endpointId: undefined }))).toBe(false);
  });
});

describe('a message', () => {
  it('is JSON with its type, its time and its data, as long as its header says', async () => {
    const { headers, body } = await send(now);
    expect(JSON.parse(body)).toEqual({
      type: 'request.success',
      timestamp: '2025-10-29T18:44:01.000Z',
      data: { payload: { prompt: 'ein Füchslein 🦊, „keck“' } },
    });
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  });
});
