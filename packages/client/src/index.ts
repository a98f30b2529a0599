export type { CallOptions, DarkroomOptions } from './call.ts';
export * from './darkroom.ts';
export * from './darkroom-admin.ts';
export * from './darkroom-error.ts';
export * from './webhooks.ts';
