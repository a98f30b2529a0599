import type { ImageRequest } from '../../core/image-request.ts';
import { type WebhookDelivery, type WebhookEndpoint, type WebhookTry, webhookTimeoutMs } from '../../core/webhooks.ts';
import type { TargetRules } from '../../outbound/fetch-target.ts';
import type { Chance } from '../../platform/chance.ts';
import type { Clock } from '../../platform/clock.ts';
import { createSecret } from '../../platform/ids.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Service } from '../../platform/service.ts';
import { UnderWay } from '../../platform/under-way.ts';
import { createWakeLoop } from '../../platform/wake-loop.ts';
import type { RequestStore } from '../../store/request-store.ts';
import type { WebhookStore } from '../../store/webhook-store.ts';
import type { Notifier } from '../notifier.ts';
import { toTry, toTryEnd } from './after-try.ts';
import { type Posted, postMessage } from './post-message.ts';
import { createMessage, createOwnMessage, signMessage, type WebhookMessage } from './signed-message.ts';
import { ownSigner, type Signer, toSigner, type WebhookSecrets } from './webhook-secrets.ts';

export interface WebhookSenderOptions {
  readonly webhooks: WebhookStore;
  readonly store: Pick<RequestStore, 'find'>;
  readonly webhookSecrets: WebhookSecrets;
  /** The JSON of a request's record, in pieces; the same each time for the same request. */
  readonly toRecordText: (request: ImageRequest) => AsyncIterable<string>;
  /**
   * What a request's own webhook receives instead of the event and the record, when the wire of the request has its own form; it
   * becomes JSON.
   */
  readonly toOwnBody?: (request: ImageRequest) => Promise<object | undefined>;
  /** The `traceparent` of the next try of a delivery; missing: the request's own. */
  readonly traceTry?: (request: ImageRequest, delivery: WebhookDelivery) => string | undefined;
  /** Where webhooks may go. */
  readonly webhookRules: TargetRules;
  readonly notifier: Notifier;
  readonly clock: Clock;
  /**
   * The clock by which messages are signed: receivers compare the time with their own, which does not follow the
   * service's time.
   */
  readonly machine: Pick<Clock, 'now'>;
  readonly chance: Chance;
  readonly logger: Logger;
  /** How long a receiver may take; 15 seconds by default. */
  readonly timeoutMs?: number;
}

/**
 * Sends the outbox. Deliveries were written together with their events. Here they are claimed, signed
 * (`signed-message.ts`), posted where they may go (`post-message.ts`) and ended (`after-try.ts`). A delivery whose sender
 * dies is claimed again when its lease is over, so a receiver gets every event at least once.
 */
export interface WebhookSender extends Service {
  /** Posts a `webhook.test` message to the endpoint, now and once; it is not recorded as a delivery. */
  sendTest(endpoint: WebhookEndpoint): Promise<WebhookTry>;
}

export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  return new OutboxSender(options);
}

/** How many posts are under way at the same time. */
const slots = 16;
/** The longest time without asking the store, in case a hint was lost. */
const pollMs = 1_000;
/** The shortest, since hints come in swarms. */
const leastPauseMs = 10;
/** Added to the deadline of a post, for the write of how it ended. */
const leaseSlackMs = 5_000;
/** How long a stop waits for answers before the deliveries are put back. */
const drainMs = 2_000;

class OutboxSender implements WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #timeoutMs: number;
  readonly #underWay = new UnderWay('Darkroom shuts down');
  readonly #loop: Service;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? webhookTimeoutMs;
    const { notifier, clock, logger } = options;
    this.#loop = createWakeLoop({
      event: 'webhooks.unclaimed',
      work: (stopping) => this.#claim(stopping),
      longestPauseMs: pollMs,
      hints: (wake) => notifier.onChanged(() => void (this.#underWay.size < slots && wake())),
      clock,
      logger,
    });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#underWay.drain({ ms: drainMs, clock: this.#options.clock });
  }

  async sendTest(endpoint: WebhookEndpoint): Promise<WebhookTry> {
    const { clock } = this.#options;
    const facts = { type: 'webhook.test', at: clock.now() };
    const data = JSON.stringify({ endpoint_id: endpoint.id });
    const message = createMessage(`test_${createSecret(144)}`, facts, async function* () {
      yield data;
    });
    const posted = await this.#post(endpoint.url, message, toSigner(endpoint));
    return toTry(posted, clock.now());
  }

  /** Resolves to how long there is nothing to send unless a hint comes. */
  async #claim(stopping: AbortSignal): Promise<number> {
    const { webhooks, clock } = this.#options;
    const limit = slots - this.#underWay.size;
    if (limit <= 0) return pollMs;
    const now = clock.now();
    const leaseMs = this.#timeoutMs + leaseSlackMs;
    const { deliveries, nextAt } = await webhooks.claim({ now, limit, leaseMs });
    for (const delivery of deliveries) this.#work(delivery);
    // A part of the round: the hints that come meanwhile make one round.
    await clock.sleep(leastPauseMs, stopping);
    return Math.max(leastPauseMs, (nextAt ?? Number.POSITIVE_INFINITY) - now);
  }

  #work(delivery: WebhookDelivery): void {
    const { notifier, logger } = this.#options;
    const work = this.#deliver(delivery).catch((error: unknown) =>
      logger.error({ event: 'webhook.unsettled', delivery_id: delivery.id, err: error }),
    );
    // The next delivery of this request and address can now be sent, and there is a new event.
    this.#underWay.add(work, () => notifier.hintChanged());
  }

  async #deliver(claimed: WebhookDelivery): Promise<void> {
    const { webhooks, clock, chance } = this.#options;
    const { organizationId, endpointId } = claimed;
    const endpoint = endpointId === undefined ? undefined : await webhooks.findEndpoint(organizationId, endpointId);
    // It was given up together with its endpoint after it was claimed.
    if (endpointId !== undefined && !endpoint) return;
    // An endpoint may have moved since the event was written.
    const delivery = { ...claimed, url: endpoint?.url ?? claimed.url };
    const posted = await this.#tryPost(delivery, endpoint);
    const now = clock.now();
    if (posted === 'cut-off') {
      const failure = 'Darkroom shut down before the receiver had answered.';
      return await webhooks.endTry(delivery, { kind: 'retry', nextAt: now, tried: { at: now, failure } });
    }
    const end = toTryEnd({ delivery, endpoint, posted, now, chance });
    await webhooks.endTry(delivery, end);
    this.#log(delivery, end);
  }

  async #tryPost(delivery: WebhookDelivery, endpoint: WebhookEndpoint | undefined): Promise<Posted | 'cut-off'> {
    const { webhooks, store } = this.#options;
    const { organizationId, requestId } = delivery;
    const request = await store.find(organizationId, requestId);
    if (!request) return { kind: 'unanswered', reason: 'the request is no longer kept' };
    const message = await this.#toMessage(delivery, request, endpoint);
    const signer = endpoint ? toSigner(endpoint) : await ownSigner(organizationId, webhooks);
    const { traceTry = ({ traceparent }: ImageRequest) => traceparent } = this.#options;
    const posted = await this.#post(delivery.url, { ...message, traceparent: traceTry(request, delivery) }, signer);
    return posted.kind === 'unanswered' && this.#underWay.signal.aborted ? 'cut-off' : posted;
  }

  async #toMessage(
    { id, event, createdAt }: WebhookDelivery,
    request: ImageRequest,
    endpoint: WebhookEndpoint | undefined,
  ): Promise<WebhookMessage> {
    const { toRecordText, toOwnBody } = this.#options;
    const own = endpoint ? undefined : await toOwnBody?.(request);
    if (own) return createOwnMessage(id, JSON.stringify(own));
    return createMessage(id, { type: event, at: createdAt }, () => toRecordText(request));
  }

  async #post(url: string, message: WebhookMessage, signer: Signer): Promise<Posted> {
    const { webhookSecrets: secrets, webhookRules: rules, clock, machine, logger } = this.#options;
    const valid = secrets.valid(signer, clock.now());
    const signed = await signMessage(message, { secrets: valid, now: machine.now() }).catch((error: unknown) => {
      logger.error({ event: 'webhook.unreadable', webhook_id: message.id, err: error });
    });
    if (!signed) return { kind: 'unanswered', reason: 'Darkroom could not read the record; its log says more' };
    return await postMessage(url, signed, { rules, timeoutMs: this.#timeoutMs, signal: this.#underWay.signal });
  }

  #log(
    { id, requestId, endpointId, tries }: WebhookDelivery,
    { kind, tried, pause }: ReturnType<typeof toTryEnd>,
  ): void {
    const { logger } = this.#options;
    const about = { delivery_id: id, request_id: requestId, endpoint_id: endpointId };
    const facts = { ...about, tries: tries + 1, http_status: tried.httpStatus };
    if (kind === 'delivered') logger.debug({ event: 'webhook.delivered', ...facts });
    else logger.warn({ event: kind === 'failed' ? 'webhook.failed' : 'webhook.refused', ...facts });
    if (pause) logger.warn({ event: 'endpoint.paused', ...about, reason: pause.reason });
  }
}
