import type { Config } from '../config/load-config.ts';
import type { Logger } from '../platform/logger.ts';
import { checkPages } from '../store/sqlite/database/check-pages.ts';
import { type Verified, type VerifyOptions, verify } from '../upkeep/verify/verify.ts';
import { createDriver, openMedia } from './storage.ts';
import { openStore, toFile } from './store.ts';

export type { Verified };

/** Compares the rows of the settings' store with its storage; a service may run meanwhile. */
export async function verifyAll(
  config: Config,
  { logger, ...options }: Pick<VerifyOptions, 'isFast' | 'onProgress'> & { readonly logger: Logger },
): Promise<Verified> {
  const store = await openStore(config, logger);
  const checkDatabase = config.databaseUrl === undefined ? () => checkPages(toFile(config), options) : undefined;
  const places = { media: openMedia(config), driver: createDriver(config) };
  return verify({ ...options, ...places, rows: store, checkDatabase }).finally(() => store.close());
}
