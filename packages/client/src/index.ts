export * from './darkroom.ts';
export * from './darkroom-error.ts';
