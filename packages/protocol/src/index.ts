export * from './pixels.ts';
export * from './statuses.ts';
