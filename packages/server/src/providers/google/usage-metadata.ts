import type { ServiceTier } from '@darkroom/protocol';
import { z } from 'zod';
import type { Usage } from '../../core/usage.ts';
import { wordSchema } from '../upstream-text.ts';

/** Twice what the largest model reads, and twice what the largest image model writes, in one call. */
const maxPromptTokens = 2 ** 22;
const maxAnswerTokens = 2 ** 17;

/** Zero is left out of the upstream's JSON. */
const toCount = (max: number) => z.number().int().min(0).max(max).nullish();

const usageSchema = z
  .object({
    promptTokenCount: toCount(maxPromptTokens),
    candidatesTokenCount: toCount(maxAnswerTokens),
    candidatesTokensDetails: z
      .array(z.object({ modality: z.string().nullish(), tokenCount: toCount(maxAnswerTokens) }))
      .nullish(),
    thoughtsTokenCount: toCount(maxAnswerTokens),
    totalTokenCount: toCount(maxPromptTokens + 2 * maxAnswerTokens),
  })
  .transform(toUsage)
  .refine(({ imageTokens }) => imageTokens <= maxAnswerTokens)
  .refine((usage) => Object.values(usage).some((count) => count > 0));

/**
 * What the upstream has counted, all of it or nothing: when one number cannot be true, none is trusted, and a call without any
 * number has no usage.
 */
export const usageMetadataSchema = usageSchema.optional().catch(undefined);

/** The tier that the upstream has used. AI Studio names it, Vertex AI names the kind of traffic. Other words say nothing. */
export const usedTierSchema = z
  .object({ serviceTier: wordSchema, trafficType: wordSchema })
  .transform(({ serviceTier, trafficType }) => tierOf.get((serviceTier ?? trafficType ?? '').toLowerCase()))
  .optional()
  .catch(undefined);

const tierOf: ReadonlyMap<string, ServiceTier> = new Map([
  ['standard', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['on_demand', 'standard'],
  ['on_demand_flex', 'flex'],
  ['on_demand_priority', 'priority'],
]);

interface UsageMetadata {
  readonly promptTokenCount?: number | null | undefined;
  readonly candidatesTokenCount?: number | null | undefined;
  readonly candidatesTokensDetails?:
    | readonly { readonly modality?: string | null | undefined; readonly tokenCount?: number | null | undefined }[]
    | null
    | undefined;
  readonly thoughtsTokenCount?: number | null | undefined;
  readonly totalTokenCount?: number | null | undefined;
}

function toUsage(counted: UsageMetadata): Usage {
  const imageTokens = (counted.candidatesTokensDetails ?? [])
    .filter(({ modality }) => modality === 'IMAGE')
    .reduce((total, { tokenCount }) => total + (tokenCount ?? 0), 0);
  return {
    promptTokens: counted.promptTokenCount ?? 0,
    imageTokens,
    textTokens: Math.max(0, (counted.candidatesTokenCount ?? 0) - imageTokens),
    thoughtTokens: counted.thoughtsTokenCount ?? 0,
    totalTokens: counted.totalTokenCount ?? 0,
  };
}
