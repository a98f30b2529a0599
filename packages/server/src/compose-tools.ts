/** What commands need that do their work without a server. */
export { backUp, restore } from './compose/backup.ts';
export { composeModels } from './compose/catalogue.ts';
export { askForModels, type CheckedUpstream } from './compose/check-upstream.ts';
export { composeChecks } from './compose/checks.ts';
export { copyAll } from './compose/copy.ts';
export type { EndingModel } from './compose/ending-models.ts';
export { migrateStore, openStore } from './compose/store.ts';
export { assertServable } from './compose/upstreams.ts';
export { type Verified, verifyAll } from './compose/verify.ts';
export { createLogger } from './platform/logger.ts';
