export type { CallOptions, DarkroomOptions } from './call.ts';
export * from './darkroom.ts';
export * from './darkroom-admin.ts';
export * from './darkroom-error.ts';
export type { EventsOptions, RequestEvent, StatusEvent } from './event-stream.ts';
export type * from './payload.ts';
export type { QueueUpdate } from './queue-updates.ts';
export type * from './shapes.ts';
export type { Submission, SubmissionOptions } from './submission.ts';
export type { UploadOptions, UploadSource } from './upload.ts';
export {
  type VerifyOptions,
  verifyWebhook,
  type WebhookHeaders,
  type WebhookMessage,
  WebhookVerificationError,
} from './verify-webhook.ts';
export { createWebhookHandler, type WebhookHandlerOptions, type WebhookRequest } from './webhook-handler.ts';
export * from './webhooks.ts';
