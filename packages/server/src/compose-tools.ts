/** What commands need that do their work without a server. */
export { composeChecks } from './compose/checks.ts';
export { copyAll } from './compose/copy.ts';
export { composeModels } from './compose/providers.ts';
export { migrateStore, openStore } from './compose/store.ts';
export { createLogger } from './platform/logger.ts';
