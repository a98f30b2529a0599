import { Webhook } from 'standardwebhooks';

/** Messages as Darkroom sends them, for the receivers in the pages. */

export const webhookSecret = 'whsec_c2VjcmV0LW9mLXRoZS10ZXN0';

const body = JSON.stringify({ type: 'request.success', timestamp: '', data: { request_id: 'request-1' } });

function sign(): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(webhookSecret).sign('msg_1', now, body),
  };
}

/** Lines for the end of a program that exports a handler: a message without a signature, and one with a signature. */
export function toHandlerCalls(): string {
  const call = (init: object) =>
    `console.log((await POST(new Request('http://a', ${JSON.stringify(init)}))).status);\n`;
  return call({ method: 'POST', body }) + call({ method: 'POST', body, headers: sign() });
}

/** Sends both to a receiver; rejects when it accepts the first one, or refuses the second. */
export async function callReceiver(port: number): Promise<void> {
  const post = async (headers: Record<string, string>) =>
    (await fetch(`http://127.0.0.1:${port}/darkroom`, { method: 'POST', body, headers })).status;
  const statuses = [await post({}), await post(sign())];
  if (statuses.join() !== '401,204') throw new Error(`The receiver answers ${statuses.join(' and ')}.`);
}
