import type { Config } from '../config/load-config.ts';
import { createModerationHook, type ModerationHook } from '../moderation/moderation-hook.ts';
import type { Ground } from './ground.ts';

/** The operator's hook, when the settings name one. */
export function composeModeration({ moderation }: Config, ground: Ground): ModerationHook | undefined {
  if (!moderation) return undefined;
  const { media, publicUrl, proxies, machine, logger } = ground;
  const toAddress = (name: string) => media.toAddress(name, publicUrl());
  return createModerationHook({ ...moderation, toAddress, proxies, machine, logger });
}
