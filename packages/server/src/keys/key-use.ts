import type { Logger } from '../platform/logger.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';

/** Notes when keys are used. */
export interface KeyUse {
  /** Returns at once. Writes at most once an hour for each key, so the time is exact to the hour. */
  note(key: Pick<ApiKey, 'id' | 'lastUsedAt'>, now: number): void;
}

export interface KeyUseOptions {
  readonly keys: Pick<KeyStore, 'noteUse'>;
  readonly logger: Logger;
}

const hourMs = 3_600_000;
/** With more keys than this, the ones noted by this process are forgotten: at worst their time is written again. */
const maxNoted = 10_000;

/** A write that fails is given up: the next hour has another one. */
export function createKeyUse({ keys, logger }: KeyUseOptions): KeyUse {
  const noted = new Map<string, number>();
  return {
    note: ({ id, lastUsedAt = 0 }, now) => {
      if (now - Math.max(lastUsedAt, noted.get(id) ?? 0) < hourMs) return;
      if (noted.size >= maxNoted) noted.clear();
      noted.set(id, now);
      keys.noteUse(id, now).catch((error: unknown) => logger.debug({ event: 'key.unnoted', apiKeyId: id, err: error }));
    },
  };
}
