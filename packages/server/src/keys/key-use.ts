import type { Logger } from '../platform/logger.ts';
import type { ApiKey, KeyStore } from '../store/key-store.ts';
import { RecentNotes } from './recent-notes.ts';

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

/** A write that fails is given up: the next hour has another one. */
export function createKeyUse({ keys, logger }: KeyUseOptions): KeyUse {
  const recent = new RecentNotes(hourMs);
  return {
    note: ({ id, lastUsedAt = 0 }, now) => {
      if (!recent.isDue(id, lastUsedAt, now)) return;
      keys.noteUse(id, now).catch((error: unknown) => logger.debug({ event: 'key.unnoted', apiKeyId: id, err: error }));
    },
  };
}
