import type { SettingOutputs } from './settings.ts';

/** The operator's hook that is asked what may be made and served. */
export interface ModerationConfig {
  readonly url: string;
  /** Secret. */
  readonly secret: string | undefined;
  readonly timeoutMs: number;
  /** Is what the hook does not answer allowed? Otherwise it waits. */
  readonly failOpen: boolean;
  /** Is it also asked about the pictures that were made? */
  readonly asksPictures: boolean;
}

export function toModeration(values: SettingOutputs, problems: string[]): ModerationConfig | undefined {
  const { DARKROOM_MODERATION_URL: url, DARKROOM_MODERATION_SECRET: secret } = values;
  if (url === undefined) {
    if (secret !== undefined || values.DARKROOM_MODERATION_PICTURES)
      problems.push(
        'DARKROOM_MODERATION_URL is not set, so the other moderation settings have no effect: set it, or remove them',
      );
    return undefined;
  }
  return {
    url,
    secret,
    timeoutMs: values.DARKROOM_MODERATION_SECONDS * 1_000,
    failOpen: values.DARKROOM_MODERATION_FAILS === 'open',
    asksPictures: values.DARKROOM_MODERATION_PICTURES,
  };
}
