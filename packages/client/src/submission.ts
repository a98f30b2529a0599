import type { PayloadInput } from '@darkroom/protocol';
import type { WebhookEventChoice } from './webhooks.ts';

/** What can stand beside the payload of a submit. */
export interface SubmissionOptions {
  /** `gemini-3-pro-image-preview` when left out. */
  readonly model?: string;
  /** How long it may take before it gives up; an hour when left out. */
  readonly deadlineSeconds?: number;
  /** -10 to 10; larger goes first within the organization. 0 when left out. */
  readonly priority?: number;
  /**
   * For 24 hours the same key with the same body gives the same request. 1 to 255 visible ASCII characters. Each submit has
   * one of its own when left out, so that sending it again after a lost answer does not make a second request.
   */
  readonly idempotencyKey?: string;
  /** Is called when the status of the request changes: http or https, on the public internet. */
  readonly webhookUrl?: string;
  /** What it is told of; the three ends when left out. */
  readonly webhookEvents?: readonly WebhookEventChoice[];
}

export interface Submission extends SubmissionOptions {
  readonly payload: PayloadInput;
}

const defaultModel = 'gemini-3-pro-image-preview';

/** The body and the headers of a submit. */
export function toSubmitMessage(submission: Submission) {
  const { model = defaultModel, payload, deadlineSeconds, priority, webhookUrl, webhookEvents } = submission;
  const webhook = { webhook_url: webhookUrl, webhook_events: webhookEvents };
  return {
    body: { model, payload, deadline_seconds: deadlineSeconds, priority, ...webhook },
    headers: { 'idempotency-key': submission.idempotencyKey ?? createKey() },
    isRepeatable: true,
  };
}

/** Not `randomUUID`: browsers have that on secure pages alone, and a Darkroom in a local network may be plain http. */
function createKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
