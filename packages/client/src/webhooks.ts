import { type Call, type CallOptions, toQuery } from './call.ts';
import type {
  DeliveryList,
  DeliveryRecord,
  DeliveryStatus,
  EndpointList,
  EndpointRecord,
  NewEndpointRecord,
  RequestStatus,
  WebhookEventName,
  WebhookSecretRecord,
  WebhookTestRecord,
} from './shapes.ts';

/** `success` and `request.success` mean the same. */
export type WebhookEventChoice = RequestStatus | WebhookEventName;

export interface NewEndpoint {
  /** http or https, on the public internet. */
  readonly url: string;
  /** Default: the three final statuses. */
  readonly events?: readonly WebhookEventChoice[];
}

export interface EndpointChanges extends Partial<NewEndpoint> {
  /** While the endpoint is paused, its deliveries wait. `false` sends the waiting deliveries at once. */
  readonly paused?: boolean;
}

export interface DeliveriesOptions {
  readonly requestId?: string;
  readonly endpointId?: string;
  readonly status?: DeliveryStatus;
  /** 1 to 100. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** The endpoints that are called when requests change, and their deliveries. */
export class Webhooks {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  endpoints(options: CallOptions = {}): Promise<EndpointList> {
    return this.#call('GET', '/webhooks/endpoints', options);
  }

  endpoint(id: string, options: CallOptions = {}): Promise<EndpointRecord> {
    return this.#call('GET', toPath(id), options);
  }

  /** Resolves to the endpoint, with the secret that signs its messages. */
  create(endpoint: NewEndpoint, options: CallOptions = {}): Promise<NewEndpointRecord> {
    return this.#call('POST', '/webhooks/endpoints', { ...options, body: endpoint });
  }

  update(id: string, changes: EndpointChanges, options: CallOptions = {}): Promise<EndpointRecord> {
    return this.#call('PATCH', toPath(id), { ...options, body: changes });
  }

  /** Removes an endpoint. Its pending deliveries are given up. */
  delete(id: string, options: CallOptions = {}): Promise<void> {
    return this.#call('DELETE', toPath(id), options);
  }

  /** Sends a `webhook.test` message now and resolves to the result. */
  test(id: string, options: CallOptions = {}): Promise<WebhookTestRecord> {
    return this.#call('POST', `${toPath(id)}/test`, options);
  }

  /** The secret of an endpoint; without an id, the one that signs for the `webhookUrl` of requests. */
  secret(endpointId?: string, options: CallOptions = {}): Promise<WebhookSecretRecord> {
    const path = endpointId === undefined ? '/webhooks/secret' : `${toPath(endpointId)}/secret`;
    return this.#call('GET', path, options);
  }

  /** Creates a new secret. The old one also signs for 24 hours. */
  rotateSecret(endpointId?: string, options: CallOptions = {}): Promise<WebhookSecretRecord> {
    const path = endpointId === undefined ? '/webhooks/secret/rotate' : `${toPath(endpointId)}/rotate-secret`;
    return this.#call('POST', path, options);
  }

  /** Newest first. */
  deliveries(query: DeliveriesOptions = {}, options: CallOptions = {}): Promise<DeliveryList> {
    const { requestId, endpointId, status, limit, cursor } = query;
    const parameters = toQuery({ request_id: requestId, endpoint_id: endpointId, status, limit, cursor });
    return this.#call('GET', `/webhooks/deliveries${parameters}`, options);
  }

  /** Sends a delivery again, whatever its status. */
  resend(deliveryId: string, options: CallOptions = {}): Promise<DeliveryRecord> {
    return this.#call('POST', `/webhooks/deliveries/${encodeURIComponent(deliveryId)}/resend`, options);
  }
}

function toPath(id: string): string {
  return `/webhooks/endpoints/${encodeURIComponent(id)}`;
}
