import { type TierChoice, tierChoices } from '@darkroom/protocol';

/**
 * The tier that a call of another API asks for, in the words of OpenAI or Google. `auto`, `default` and other words that name none of
 * the tiers leave it out, as the standard tier does.
 */
export function readServiceTier(word: unknown): TierChoice | undefined {
  const name = String(word)
    .toLowerCase()
    .replace(/^service_tier_/, '');
  return tierChoices.find((choice) => choice === name && choice !== 'standard');
}
