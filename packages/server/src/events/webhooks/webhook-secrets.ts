import { createHmac } from 'node:crypto';
import type { WebhookEndpoint } from '../../core/webhooks.ts';
import type { WebhookStore } from '../../store/webhook-store.ts';

/** The owner of a secret: an endpoint, or the organization, whose secret signs for the `webhook_url` of requests. */
export interface Signer {
  readonly organizationId: string;
  readonly endpointId: string | undefined;
  readonly version: number;
  /** Until this time, the previous version signs as well. */
  readonly oldUntil: number | undefined;
}

/**
 * The signing secrets, in the form of Standard Webhooks: `whsec_` and base64. They are derived from one secret; no row
 * contains them.
 */
export interface WebhookSecrets {
  current(signer: Signer): string;
  /** Every valid secret, newest first. */
  valid(signer: Signer, now: number): readonly string[];
}

export function createWebhookSecrets(masterSecret: string): WebhookSecrets {
  const derive = ({ organizationId, endpointId = 'requests', version }: Signer): string => {
    const hmac = createHmac('sha256', masterSecret).update(`${organizationId}/${endpointId}/${version}`);
    return `whsec_${hmac.digest('base64')}`;
  };
  return {
    current: derive,
    valid: (signer, now) => {
      const { version, oldUntil = 0 } = signer;
      return version > 1 && now < oldUntil
        ? [derive(signer), derive({ ...signer, version: version - 1 })]
        : [derive(signer)];
    },
  };
}

export function toSigner({ organizationId, id, secretVersion, oldSecretUntil }: WebhookEndpoint): Signer {
  return { organizationId, endpointId: id, version: secretVersion, oldUntil: oldSecretUntil };
}

/** The organization itself, which signs for the `webhook_url` of its requests. */
export async function ownSigner(organizationId: string, webhooks: WebhookStore): Promise<Signer> {
  return { organizationId, endpointId: undefined, ...(await webhooks.secretOf(organizationId)) };
}
