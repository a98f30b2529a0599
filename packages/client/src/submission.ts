import type { PayloadInput } from './payload.ts';
import type { TierChoice } from './shapes.ts';
import type { WebhookEventChoice } from './webhooks.ts';

/** The options of a submit, besides its payload. */
export interface SubmissionOptions {
  /** Default: `gemini-3-pro-image-preview`. */
  readonly model?: string;
  /** How long the request may take before it fails. Default: an hour. */
  readonly deadlineSeconds?: number;
  /**
   * The request is deleted, with its pictures, this many seconds after its end; at least 3. Default: when the operator's time is
   * over.
   */
  readonly retainSeconds?: number;
  /** May another model that the operator has named make the picture, when this one cannot? Default: `true`. */
  readonly fallback?: boolean;
  /** -10 to 10. Requests with a higher priority go first within the organization. Default: 0. */
  readonly priority?: number;
  /**
   * `flex` costs half and may take many minutes. `cheapest` is the cheapest tier that still meets the deadline. Default:
   * `standard`.
   */
  readonly serviceTier?: TierChoice;
  /**
   * 1 to 255 visible ASCII characters. For 24 hours the same key with the same body returns the same request. Default: a new
   * key for each submit, so that a retry after a lost response does not make a second request.
   */
  readonly idempotencyKey?: string;
  /** The URL to call when the status of the request changes: http or https, on the public internet. */
  readonly webhookUrl?: string;
  /** The events to send. Default: the three final statuses. */
  readonly webhookEvents?: readonly WebhookEventChoice[];
}

export interface Submission extends SubmissionOptions {
  readonly payload: PayloadInput;
}

const defaultModel = 'gemini-3-pro-image-preview';

/** The body and the headers of a submit. */
export function toSubmitMessage(submission: Submission) {
  const { model = defaultModel, payload, deadlineSeconds, retainSeconds, fallback, priority, serviceTier } = submission;
  const webhook = { webhook_url: submission.webhookUrl, webhook_events: submission.webhookEvents };
  const choices = {
    deadline_seconds: deadlineSeconds,
    retain_seconds: retainSeconds,
    fallback,
    priority,
    service_tier: serviceTier,
  };
  return {
    body: { model, payload, ...choices, ...webhook },
    headers: { 'idempotency-key': submission.idempotencyKey ?? createKey() },
    isRepeatable: true,
  };
}

/** Not `randomUUID`: browsers offer it only on secure pages, and a Darkroom in a local network may use plain http. */
function createKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
