export * from './contents.ts';
export * from './models.ts';
export * from './payload.ts';
export * from './pixels.ts';
export * from './problems.ts';
export * from './references.ts';
export * from './requests.ts';
export * from './statuses.ts';
