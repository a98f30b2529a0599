export type { CallOptions, DarkroomOptions } from './call.ts';
export * from './darkroom.ts';
export * from './darkroom-admin.ts';
export * from './darkroom-error.ts';
export type { EventsOptions, RequestEvent, StatusEvent } from './event-stream.ts';
export type { Submission, SubmissionOptions } from './submission.ts';
export type { UploadOptions, UploadSource } from './upload.ts';
export * from './verify-webhook.ts';
export * from './webhooks.ts';
