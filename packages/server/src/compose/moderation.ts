import type { Config } from '../config/load-config.ts';
import type { ModerationHook } from '../moderation/moderation-hook.ts';
import type { Ground } from './ground.ts';

/** The operator's hook, when the settings name one. */
export async function composeModeration({ moderation }: Config, ground: Ground): Promise<ModerationHook | undefined> {
  if (!moderation) return undefined;
  // Its client takes a tenth of the time that a server needs to start.
  const { createModerationHook } = await import('../moderation/moderation-hook.ts');
  const { media, publicUrl, proxies, machine, logger } = ground;
  const toAddress = (name: string) => media.toAddress(name, publicUrl());
  return createModerationHook({ ...moderation, toAddress, proxies, machine, logger });
}
